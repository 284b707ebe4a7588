internal import CKernels

extension Kernels {
    /// Reads floats at the peak memory bandwidth. Their count is rounded down to a multiple of 64.
    public func read(_ x: UnsafeBufferPointer<Float>) -> Float {
        guard let base = x.baseAddress else { return 0 }
        return table.pointee.read(x.count / 64 * 64, base)
    }

    /// Multiplies and adds float32 numbers in registers at the peak rate.
    ///
    /// - Returns: The number of products.
    public func peakFlopsFloat32(_ rounds: Int) -> Int {
        var result: Float = 1
        return table.pointee.peak_flops_f32(rounds, &result)
    }

    /// Multiplies and adds int8 numbers in registers at the peak rate.
    ///
    /// - Returns: The number of products.
    public func peakFlopsInt8(_ rounds: Int) -> Int {
        var result: Int32 = 1
        return table.pointee.peak_flops_i8(rounds, &result)
    }
}
