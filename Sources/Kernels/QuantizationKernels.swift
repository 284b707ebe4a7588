private import CKernels

/// Loops over weights that are quantised. What they compute is the same on every machine: sums have a fixed order, and
/// products are rounded before they are added.
public enum QuantizationKernels {
    /// Numbers that share a scale in rows of 4 bits.
    public static let groupCount = Int(CK_GROUP)
    /// Scales that are tried for a group.
    public static let candidateCount = Int(CK_CANDIDATES)

    // Exact, or the same on all levels.
    private static var table: UnsafePointer<ck_kernels> { Kernels.best.table }

    /// The floats that float16 bytes stand for.
    public static func floats(halves: UnsafeRawBufferPointer, into floats: UnsafeMutableBufferPointer<Float>) {
        precondition(halves.count == 2 * floats.count)
        guard let source = halves.baseAddress, let target = floats.baseAddress else { return }
        table.pointee.from_half(floats.count, source.assumingMemoryBound(to: UInt16.self), target)
    }

    /// The largest magnitude; not a number where one of them is none.
    public static func largest(_ x: UnsafeBufferPointer<Float>) -> Float {
        x.baseAddress.map { table.pointee.largest(x.count, $0) } ?? 0
    }

    /// The nearest whole numbers of `x · inverse`, which must be within ±127, of two the even one; and Σx², Σ(x − y)² and
    /// Σy² of what they stand for, y = number · scale.
    ///
    /// - Parameter x: As many numbers as `numbers` takes, a multiple of 64.
    public static func int8(
        _ x: UnsafeBufferPointer<Float>, scale: Float, inverse: Float, into numbers: UnsafeMutableBufferPointer<Int8>
    ) -> (signal: Double, noise: Double, square: Double) {
        precondition(numbers.count == x.count && x.count % Int(CK_BYTE_PADDING) == 0)
        var sums = (signal: 0.0, noise: 0.0, square: 0.0)
        guard let values = x.baseAddress, let target = numbers.baseAddress else { return sums }
        withUnsafeMutableBytes(of: &sums) {
            if let sums = $0.assumingMemoryBound(to: Double.self).baseAddress {
                table.pointee.int8_row(x.count, values, scale, inverse, target, sums)
            }
        }
        return sums
    }

    /// The nearest whole numbers of groups, each multiplied by its inverse, from −8 to 7 and with 8 added: byte j of a
    /// group holds number j in its lower and number j + 16 in its upper four bits.
    public static func int4(
        _ x: UnsafeBufferPointer<Float>, inverses: UnsafeBufferPointer<Float>,
        into numbers: UnsafeMutableBufferPointer<UInt8>
    ) {
        precondition(inverses.count * groupCount <= x.count && inverses.count * groupCount / 2 <= numbers.count)
        guard let values = x.baseAddress, let factors = inverses.baseAddress, let target = numbers.baseAddress else {
            return
        }
        ck_int4_numbers(inverses.count, values, factors, target)
    }

    /// The scales of groups, by the least squared error among candidates for what the number of largest magnitude
    /// becomes before it is rounded and cut off. Without candidates that is −8.
    ///
    /// - Parameter weights: Of the squared error of each number; above 0.
    public static func int4Scales(
        _ x: UnsafeBufferPointer<Float>, weights: [Float]? = nil, candidates: [Float]?,
        into scales: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(scales.count * groupCount <= x.count && weights?.count ?? x.count == x.count)
        precondition(candidates?.count ?? candidateCount == candidateCount)
        guard let values = x.baseAddress, let target = scales.baseAddress else { return }
        let weights = weights ?? []
        weights.withUnsafeBufferPointer { weights in
            (candidates ?? []).withUnsafeBufferPointer { candidates in
                ck_int4_scales(
                    scales.count, values, weights.isEmpty ? nil : weights.baseAddress,
                    candidates.isEmpty ? nil : candidates.baseAddress, target)
            }
        }
    }

    /// Σx², Σ(x − y)² and Σy².
    public static func errorSums(
        _ x: UnsafeBufferPointer<Float>, _ y: UnsafeBufferPointer<Float>
    ) -> (signal: Double, noise: Double, square: Double) {
        precondition(x.count == y.count)
        var sums = (signal: 0.0, noise: 0.0, square: 0.0)
        guard let a = x.baseAddress, let b = y.baseAddress else { return sums }
        ck_error_sums(x.count, a, b, &sums.signal, &sums.noise, &sums.square)
        return sums
    }
}
