import DalleFormat
import Synchronization

/// A tensor's rows as floats, some at a time.
///
/// A row is what one index of the first axis selects; a tensor of fewer than two axes is one row.
struct RowReader: Sendable {
    let source: any TensorSource
    let rows: Int
    let columns: Int
    /// Rows read at a time: as many as a chunk of a model file holds.
    private let batch: Int

    private static let batchByteCount = 4 << 20

    init(_ source: any TensorSource) {
        self.source = source
        rows = source.shape.rank < 2 ? min(source.shape.count, 1) : source.shape.count == 0 ? 0 : source.shape[0]
        columns = rows == 0 ? 0 : source.shape.count / rows
        batch = max(Self.batchByteCount / max(columns * source.dtype.byteCount, 1), 1)
    }

    /// What `body` makes of all rows, batch by batch, in their order however many threads work on it.
    ///
    /// - Parameter body: Takes the number of the first row, and the rows.
    func map<Part: Sendable>(
        threads: Int, _ body: @Sendable (Int, UnsafeBufferPointer<Float>) throws(DalleError) -> Part
    ) throws(DalleError) -> [Part] {
        let batches = (rows + batch - 1) / batch
        let parts = Mutex([Part?](repeating: nil, count: batches))
        try Parallel.forEach(batches, threads: threads) { number throws(DalleError) in
            let first = number * batch
            try read(first..<min(first + batch, rows)) { values throws(DalleError) in
                let part = try body(first, values)
                parts.withLock { $0[number] = part }
            }
        }
        return parts.withLock { $0.compactMap(\.self) }
    }

    /// Calls `body` with some of the rows, batch by batch.
    func forEach(
        in range: Range<Int>, _ body: (Int, UnsafeBufferPointer<Float>) throws(DalleError) -> Void
    ) throws(DalleError) {
        var first = range.lowerBound
        while first < range.upperBound {
            // Batches start at the same rows everywhere, as chunks do: then each is decoded once.
            let end = min((first / batch + 1) * batch, range.upperBound)
            try read(first..<end) { values throws(DalleError) in try body(first, values) }
            first = end
        }
    }

    private func read(
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws(DalleError) -> Void
    ) throws(DalleError) {
        let elements = range.lowerBound * columns..<range.upperBound * columns
        let foreign = UnsafeMutableRawBufferPointer.allocate(
            byteCount: elements.count * source.dtype.byteCount, alignment: 64)
        defer { foreign.deallocate() }
        try source.read(elements, into: foreign)
        let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: elements.count)
        defer { floats.deallocate() }
        floats.initialize(repeating: 0)
        var target = floats.mutableSpan
        try source.dtype.decodeFloats(foreign.bytes, into: &target)
        try body(UnsafeBufferPointer(floats))
    }

    /// - Throws: `badData` when a number is infinite or none.
    static func requireFinite(_ row: UnsafeBufferPointer<Float>) throws(DalleError) {
        guard row.isFinite else {
            let value = row.first { !$0.isFinite } ?? .nan
            throw DalleError(
                .badData, "holds \(value), which cannot be quantised",
                remedy: "The checkpoint is damaged; --keep REGEX leaves a tensor as it is")
        }
    }

    static func locate(_ error: DalleError, row: Int) -> DalleError {
        DalleError(
            error.code, "row \(row) \(error.message)", remedy: error.remedy, file: error.file, item: error.item,
            offset: error.offset)
    }
}
