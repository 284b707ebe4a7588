private import CKernels

/// Loops over weights that become whole numbers. What they compute is the same at every level.
extension Kernels {
    /// The nearest whole numbers of `x · inverse`, which must be within ±127, of two the even one.
    ///
    /// - Parameters:
    ///   - x: As many numbers as `numbers` or more.
    ///   - numbers: A multiple of 64.
    public func int8(
        _ x: UnsafeBufferPointer<Float>, inverse: Float, into numbers: UnsafeMutableBufferPointer<Int8>
    ) {
        precondition(numbers.count <= x.count && numbers.count % Int(CK_BYTE_PADDING) == 0)
        guard let values = x.baseAddress, let target = numbers.baseAddress else { return }
        table.pointee.numbers_i8(numbers.count, values, inverse, target)
    }

    /// A row of 4-bit numbers and the codes of its groups, as `docs/FORMAT.md` has them: of codes and numbers those with the
    /// least squared error.
    ///
    /// - Parameters:
    ///   - x: A multiple of 64 numbers.
    ///   - weights: Of the squared error of each number; above 0.
    ///   - scale: Of the row; numbers far over 120 of it are cut off.
    ///   - row: 34 bytes for each 64 numbers.
    /// - Returns: The sum of the squared errors, in squares of the scale.
    public func int4(
        _ x: UnsafeBufferPointer<Float>, weights: [Float]? = nil, scale: Float,
        into row: UnsafeMutableBufferPointer<UInt8>
    ) -> Float {
        precondition(x.count % Int(CK_BYTE_PADDING) == 0 && row.count == x.count / 32 * 17)
        precondition(weights?.count ?? x.count == x.count)
        guard let values = x.baseAddress, let target = row.baseAddress else { return 0 }
        guard let weights else { return table.pointee.numbers_i4(x.count, values, nil, scale, target) }
        return weights.withUnsafeBufferPointer {
            table.pointee.numbers_i4(x.count, values, $0.baseAddress, scale, target)
        }
    }

    /// Σx², Σ(x − y)² and Σy².
    public func errorSums(
        _ x: UnsafeBufferPointer<Float>, _ y: UnsafeBufferPointer<Float>
    ) -> (signal: Double, noise: Double, square: Double) {
        precondition(x.count == y.count)
        var sums = (signal: 0.0, noise: 0.0, square: 0.0)
        guard let a = x.baseAddress, let b = y.baseAddress else { return sums }
        table.pointee.error_sums(x.count, a, b, &sums.signal, &sums.noise, &sums.square)
        return sums
    }
}
