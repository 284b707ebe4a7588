import DalleFormat
import DalleKernels

/// A tensor's rows as floats, one at a time.
///
/// A row is what one index of the first axis selects; a tensor of fewer than two axes is one row.
struct RowReader: Sendable {
    let source: any TensorSource
    let rows: Int
    let columns: Int
    /// Rows read at a time: as many as a chunk of a model file holds, so that each chunk is decoded once.
    let batch: Int

    private static let batchByteCount = 1 << 20
    /// A row's buffer is filled up with zeros to a multiple of this, so that loops need no special case at its end.
    private static let paddedColumns = 64

    static func padded(_ columns: Int) -> Int { (columns + paddedColumns - 1) / paddedColumns * paddedColumns }

    /// A row, for as long as it is being worked on.
    struct Row {
        let index: Int
        let values: UnsafeBufferPointer<Float>
        /// The same with zeros after it.
        let padded: UnsafeBufferPointer<Float>
        /// The largest magnitude.
        let largest: Float
        /// As many floats as the row has, to be used as one likes.
        let spare: UnsafeMutableBufferPointer<Float>
    }

    init(_ source: any TensorSource) {
        self.source = source
        rows = source.shape.rank < 2 ? min(source.shape.count, 1) : source.shape.count == 0 ? 0 : source.shape[0]
        columns = rows == 0 ? 0 : source.shape.count / rows
        batch = max(Self.batchByteCount / max(columns * source.dtype.byteCount, 1), 1)
    }

    /// Calls `body` with each row of a range.
    ///
    /// - Throws: `badData` naming the row when `body` fails or a number is not finite.
    func forEach(in range: Range<Int>, _ body: (Row) throws(DalleError) -> Void) throws(DalleError) {
        let size = columns * source.dtype.byteCount
        let padded = Self.padded(columns)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: min(batch, range.count) * size, alignment: 64)
        defer { bytes.deallocate() }
        let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: padded + columns)
        defer { floats.deallocate() }
        floats.initialize(repeating: 0)
        var first = range.lowerBound
        while first < range.upperBound {
            // Batches start at the same rows everywhere, as chunks do.
            let end = min((first / batch + 1) * batch, range.upperBound)
            try source.read(
                first * columns..<end * columns,
                into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<((end - first) * size)]))
            for index in first..<end {
                let place = (index - first) * size
                let row = UnsafeRawBufferPointer(rebasing: bytes[place..<place + size])
                do throws(DalleError) {
                    try body(try decode(row, index, floats, padded))
                } catch {
                    throw DalleError(
                        error.code, "row \(index) \(error.message)", remedy: error.remedy, file: error.file,
                        item: error.item, offset: error.offset)
                }
            }
            first = end
        }
    }

    /// - Throws: `badData` when a number is infinite or none.
    private func decode(
        _ bytes: UnsafeRawBufferPointer, _ index: Int, _ floats: UnsafeMutableBufferPointer<Float>, _ padded: Int
    ) throws(DalleError) -> Row {
        let values = UnsafeMutableBufferPointer(rebasing: floats[..<columns])
        if source.dtype == .float16 {
            Kernels.best.floats(halves: bytes, into: values)
        } else {
            var target = values.mutableSpan
            try source.dtype.decodeFloats(bytes.bytes, into: &target)
        }
        let row = UnsafeBufferPointer(values)
        let largest = Kernels.best.largest(row)
        guard largest.isFinite else {
            let value = row.first { !$0.isFinite } ?? .nan
            throw DalleError(
                .badData, "holds \(value), which cannot be quantised",
                remedy: "The checkpoint is damaged; --keep REGEX leaves a tensor as it is")
        }
        return Row(
            index: index, values: row, padded: UnsafeBufferPointer(rebasing: floats[..<padded]), largest: largest,
            spare: UnsafeMutableBufferPointer(rebasing: floats[padded...]))
    }
}
