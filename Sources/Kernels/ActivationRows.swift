internal import CKernels
public import DalleFormat

/// A matrix of activations that kernels read and write, `[rows, columns]`: a row for each token or pixel, as floats and, for
/// int8 and int4 weights, quantised to int8.
///
/// Threads may write different rows or columns at the same time; the caller ensures that they are different.
public final class ActivationRows: @unchecked Sendable {
    public let rows: Int
    public let columns: Int
    /// Whether the remainder of quantisation is kept too, as a second int8 row: products with int8 and int4 weights then
    /// take twice the work, with inputs of about 15 bits.
    public let usesInt16Activations: Bool
    /// Floats from one row to the next.
    public let stride: Int
    private let numbers: Memory<Float>

    // Int8 `[rows, byteStride]`, zero-padded, and each row's scale and sum of bytes. With `usesInt16Activations`, as many
    // rows follow with the remainders, and in outputs with their products.
    let byteStride: Int
    private let roundedNumbers: Memory<Int8>
    private let rowScales: Memory<Float>
    private let rowSums: Memory<Int32>

    /// A zero matrix.
    ///
    /// - Throws: `noMemory` when there is not so much.
    public init(rows: Int, columns: Int, usesInt16Activations: Bool = false) throws(DalleError) {
        precondition(rows > 0 && columns > 0)
        self.rows = rows
        self.columns = columns
        self.usesInt16Activations = usesInt16Activations
        let all = usesInt16Activations ? 2 * rows : rows
        stride = Self.spread(columns, Int(CK_FLOAT_PADDING))
        byteStride = Self.spread(columns, Int(CK_BYTE_PADDING))
        let purpose = "the inputs and outputs of layers"
        numbers = try Memory(repeating: 0, count: all * stride, for: purpose)
        roundedNumbers = try Memory(repeating: 0, count: all * byteStride, for: purpose)
        rowScales = try Memory(repeating: 0, count: all, for: purpose)
        rowSums = try Memory(repeating: 0, count: all, for: purpose)
    }

    /// A row's elements, without padding.
    public func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
        precondition((0..<rows).contains(index))
        return UnsafeMutableBufferPointer(start: floats + index * stride, count: columns)
    }

    var floats: UnsafeMutablePointer<Float> { numbers.base }
    var bytes: UnsafeMutablePointer<Int8> { roundedNumbers.base }
    var scales: UnsafeMutablePointer<Float> { rowScales.base }
    var sums: UnsafeMutablePointer<Int32> { rowSums.base }

    var byteInputs: ck_bytes { ck_bytes(values: bytes, stride: byteStride, scales: scales, sums: sums) }

    static func padded(_ count: Int, to multiple: Int) -> Int { (count + multiple - 1) / multiple * multiple }

    /// Padded to an odd multiple: rows a power of two apart would map to a few cache sets.
    private static func spread(_ count: Int, _ multiple: Int) -> Int {
        (padded(count, to: multiple) / multiple | 1) * multiple
    }
}
