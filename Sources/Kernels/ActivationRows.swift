internal import CKernels
public import DalleFormat

/// A matrix that kernels read and write: a row for each token or pixel, as floats and, for weights of whole numbers, as
/// bytes.
///
/// Threads may write different rows or columns at the same time; that they differ is up to the caller.
public final class ActivationRows: @unchecked Sendable {
    public let rows: Int
    public let columns: Int
    /// Whether what rounding to bytes leaves is kept, as bytes of its own: products with weights of whole numbers then
    /// take twice the work, and inputs of some 15 bits.
    public let isFine: Bool
    /// Floats from one row to the next.
    public let stride: Int
    private let numbers: Memory<Float>

    // One byte for each number, padded with zeros, and what each row's bytes are to be multiplied by and add up to.
    // Of fine rows, what is left and the products with it follow as as many rows more.
    let byteStride: Int
    private let roundedNumbers: Memory<Int8>
    private let rowScales: Memory<Float>
    private let rowSums: Memory<Int32>

    /// All zero.
    ///
    /// - Throws: `noMemory` when there is not so much.
    public init(rows: Int, columns: Int, isFine: Bool = false) throws(DalleError) {
        precondition(rows > 0 && columns > 0)
        self.rows = rows
        self.columns = columns
        self.isFine = isFine
        let all = isFine ? 2 * rows : rows
        stride = Self.spread(columns, Int(CK_FLOAT_PADDING))
        byteStride = Self.spread(columns, Int(CK_BYTE_PADDING))
        let purpose = "the inputs and outputs of layers"
        numbers = try Memory(repeating: 0, count: all * stride, for: purpose)
        roundedNumbers = try Memory(repeating: 0, count: all * byteStride, for: purpose)
        rowScales = try Memory(repeating: 0, count: all, for: purpose)
        rowSums = try Memory(repeating: 0, count: all, for: purpose)
    }

    /// A row's numbers, without padding.
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

    /// Padded to an odd multiple: rows a power of two apart would share a few places of the cache.
    private static func spread(_ count: Int, _ multiple: Int) -> Int {
        (padded(count, to: multiple) / multiple | 1) * multiple
    }
}
