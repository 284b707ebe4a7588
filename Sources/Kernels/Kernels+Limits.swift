internal import CKernels

extension Kernels {
    /// Reads floats in memory and does nothing with them. Their number is cut to a multiple of 64.
    public func read(_ x: UnsafeBufferPointer<Float>) -> Float {
        guard let base = x.baseAddress else { return 0 }
        return table.pointee.read(x.count / 64 * 64, base)
    }

    /// Multiplies and adds float32 numbers in registers.
    ///
    /// - Returns: The number of products.
    public func spinFloats(_ rounds: Int) -> Int {
        var result: Float = 1
        return table.pointee.spin_f32(rounds, &result)
    }

    /// Multiplies and adds bytes in registers.
    ///
    /// - Returns: The number of products.
    public func spinBytes(_ rounds: Int) -> Int {
        var result: Int32 = 1
        return table.pointee.spin_i8(rounds, &result)
    }
}
