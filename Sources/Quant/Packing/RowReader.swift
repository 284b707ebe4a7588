import DalleFormat
import DalleKernels

/// Reads a tensor's rows as floats, one at a time.
///
/// A row is a slice along the first axis; a tensor with fewer than two axes is one row.
struct RowReader: Sendable {
    let source: any TensorSource
    let rows: Int
    let columns: Int
    /// Rows read at a time: as many as a chunk of a model file holds, so that each chunk is decoded once.
    let batch: Int

    private static let batchByteCount = 1 << 20
    /// Rows are zero-padded to a multiple of this, so that kernels need no tail loop.
    private static let paddedColumns = 64

    static func padded(_ columns: Int) -> Int { (columns + paddedColumns - 1) / paddedColumns * paddedColumns }

    /// A row, for as long as it is being worked on.
    struct Row {
        let index: Int
        let values: UnsafeBufferPointer<Float>
        /// The same, zero-padded.
        let padded: UnsafeBufferPointer<Float>
        /// The largest magnitude; NaN when the row has NaNs and they are allowed.
        let maximumMagnitude: Float
        /// Non-zero numbers of the source that underflowed to 0 as floats.
        let vanished: Int
        /// Scratch space of the row's length.
        let spare: UnsafeMutableBufferPointer<Float>
        fileprivate let bytes: UnsafeRawBufferPointer
    }

    private let allowsNonFinite: Bool

    /// - Parameter allowsNonFinite: Rows may hold infinities and NaNs.
    init(_ source: any TensorSource, allowsNonFinite: Bool = false) {
        self.source = source
        self.allowsNonFinite = allowsNonFinite
        rows = source.shape.rank < 2 ? min(source.shape.count, 1) : source.shape.count == 0 ? 0 : source.shape[0]
        columns = rows == 0 ? 0 : source.shape.count / rows
        batch = max(Self.batchByteCount / max(columns * source.dtype.byteCount, 1), 1)
    }

    /// Calls `body` with each row of a range.
    ///
    /// - Throws: `badData` naming the row when a number is not finite, unless that is allowed; what `body` throws.
    func forEach(in range: Range<Int>, _ body: (Row) throws(DalleError) -> Void) throws(DalleError) {
        let size = columns * source.dtype.byteCount
        let padded = Self.padded(columns)
        let memory = (
            try Memory<UInt8>(min(batch, range.count) * size, for: "rows of a tensor"),
            try Memory<Float>(padded + columns, for: "a row of a tensor")
        )
        defer { withExtendedLifetime(memory) {} }
        let (bytes, floats) = (memory.0.bytes, memory.1.elements)
        floats.initialize(repeating: 0)
        var first = range.lowerBound
        while first < range.upperBound {
            // Batches start at multiples of their size, as chunks do.
            let end = min((first / batch + 1) * batch, range.upperBound)
            try source.read(
                first * columns..<end * columns,
                into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<((end - first) * size)]))
            for index in first..<end {
                let place = (index - first) * size
                let row = UnsafeRawBufferPointer(rebasing: bytes[place..<place + size])
                try body(try decode(row, index, floats, padded))
            }
            first = end
        }
    }

    /// - Throws: `badData` when a number is infinite or NaN.
    private func decode(
        _ bytes: UnsafeRawBufferPointer, _ index: Int, _ floats: UnsafeMutableBufferPointer<Float>, _ padded: Int
    ) throws(DalleError) -> Row {
        let decoded = UnsafeMutableBufferPointer(rebasing: floats[..<columns])
        var vanished = 0
        if source.dtype == .float16 {
            Kernels.best.floats(halves: bytes, into: decoded)
        } else {
            var target = decoded.mutableSpan
            vanished = try source.dtype.decodeFloats(bytes.bytes, into: &target).vanished
        }
        let values = UnsafeBufferPointer(decoded)
        let row = Row(
            index: index, values: values, padded: UnsafeBufferPointer(rebasing: floats[..<padded]),
            maximumMagnitude: Kernels.best.maxAbs(values), vanished: vanished,
            spare: UnsafeMutableBufferPointer(rebasing: floats[padded...]), bytes: bytes)
        guard row.maximumMagnitude.isFinite || allowsNonFinite else {
            let place = values.firstIndex { !$0.isFinite } ?? 0
            throw fault(row, at: place, becoming: .float32).error(
                remedy: "Convert the checkpoint again; --allow-nonfinite leaves it, but not in whole numbers")
        }
        return row
    }

    /// The fault at a column of a row, with the bytes of the source.
    func fault(_ row: Row, at column: Int, becoming target: DType) -> NumberFault {
        let size = source.dtype.byteCount
        return NumberFault(
            UnsafeRawBufferPointer(rebasing: row.bytes[column * size..<(column + 1) * size]), of: source.dtype,
            element: row.index * columns + column, in: source.shape, becoming: target)
    }
}
