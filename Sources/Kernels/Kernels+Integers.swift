private import CKernels

/// Quantisation of weights to integers, with the same bits in every instruction set.
extension Kernels {
    /// Converts float16 to float32.
    public func floats(halves: UnsafeRawBufferPointer, into floats: UnsafeMutableBufferPointer<Float>) {
        precondition(halves.count == 2 * floats.count)
        guard let source = halves.baseAddress, let target = floats.baseAddress else { return }
        table.pointee.from_f16(floats.count, source.assumingMemoryBound(to: UInt16.self), target)
    }

    /// The largest magnitude; NaN if there is any.
    public func maxAbs(_ x: UnsafeBufferPointer<Float>) -> Float {
        x.baseAddress.map { table.pointee.max_abs(x.count, $0) } ?? 0
    }

    /// Rounds `x · inverse`, which must be within ±127, to the nearest integers, ties to even.
    ///
    /// - Parameter x: A multiple of 64 numbers.
    public func int8(
        _ x: UnsafeBufferPointer<Float>, inverse: Float, into numbers: UnsafeMutableBufferPointer<Int8>
    ) {
        precondition(numbers.count == x.count && x.count % Int(CK_BYTE_PADDING) == 0)
        guard let values = x.baseAddress, let target = numbers.baseAddress else { return }
        table.pointee.quantize_row_i8(x.count, values, inverse, target)
    }

    /// Quantises a row to 4-bit integers and the codes of its groups, in the layout of `docs/FORMAT.md`, with minimum squared
    /// error.
    ///
    /// - Parameters:
    ///   - x: A multiple of 64 numbers.
    ///   - weights: The importance of each column's squared error; positive.
    ///   - scale: The row's; numbers far over 120 times it are clipped.
    ///   - row: 34 bytes for each 64 numbers.
    /// - Returns: The sum of the squared errors, in squares of the scale.
    public func int4(
        _ x: UnsafeBufferPointer<Float>, weights: [Float]? = nil, scale: Float,
        into row: UnsafeMutableBufferPointer<UInt8>
    ) -> Float {
        precondition(x.count % Int(CK_BYTE_PADDING) == 0 && row.count == x.count / 32 * 17)
        precondition(weights?.count ?? x.count == x.count)
        guard let values = x.baseAddress, let target = row.baseAddress else { return 0 }
        guard let weights else { return table.pointee.quantize_row_i4(x.count, values, nil, scale, target) }
        return weights.withUnsafeBufferPointer {
            table.pointee.quantize_row_i4(x.count, values, $0.baseAddress, scale, target)
        }
    }

    /// Unpacks a row of `int4` to int8.
    ///
    /// - Parameter bytes: Their count is a multiple of 64.
    public func unpackInt4(_ row: UnsafeBufferPointer<UInt8>, into bytes: UnsafeMutableBufferPointer<Int8>) {
        precondition(bytes.count % Int(CK_BYTE_PADDING) == 0 && row.count == bytes.count / 32 * 17)
        guard let source = row.baseAddress, let target = bytes.baseAddress else { return }
        table.pointee.unpack_i4(bytes.count, source, target)
    }

    /// Σx², Σ(x − y)² and Σy².
    public typealias ErrorSums = (signal: Double, noise: Double, square: Double)

    /// The error of `y` against `x`.
    public func errorSums(_ x: UnsafeBufferPointer<Float>, _ y: UnsafeBufferPointer<Float>) -> ErrorSums {
        precondition(x.count == y.count)
        guard let a = x.baseAddress, let b = y.baseAddress else { return (0, 0, 0) }
        return Self.sums { table.pointee.error_sums(x.count, a, b, $0) }
    }

    /// The error of int8 numbers times their scale against `x`, a multiple of 64.
    public func errorSums(
        _ x: UnsafeBufferPointer<Float>, _ numbers: UnsafeBufferPointer<Int8>, scale: Float
    ) -> ErrorSums {
        precondition(numbers.count == x.count && x.count % Int(CK_BYTE_PADDING) == 0)
        guard let a = x.baseAddress, let b = numbers.baseAddress else { return (0, 0, 0) }
        return Self.sums { table.pointee.error_sums_i8(x.count, a, b, scale, $0) }
    }

    private static func sums(_ fill: (UnsafeMutablePointer<Double>) -> Void) -> ErrorSums {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 3) { squares in
            guard let first = squares.baseAddress else { return (0, 0, 0) }
            fill(first)
            return (first[0], first[1], first[2])
        }
    }
}
