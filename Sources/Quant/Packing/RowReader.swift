import DalleFormat
import Synchronization

/// A tensor's rows as floats, one at a time.
///
/// A row is what one index of the first axis selects; a tensor of fewer than two axes is one row.
struct RowReader: Sendable {
    let source: any TensorSource
    let rows: Int
    let columns: Int
    /// Rows read at a time: as many as a chunk of a model file holds, so that each chunk is decoded once.
    private let batch: Int

    private static let batchByteCount = 1 << 20
    /// Batches between two reports of progress.
    private static let batchesOfWave = 64
    /// A row's buffer is filled up with zeros to a multiple of this, so that loops need no special case at its end.
    private static let paddedColumns = 64

    static func padded(_ columns: Int) -> Int { (columns + paddedColumns - 1) / paddedColumns * paddedColumns }

    /// A row, for as long as it is being worked on.
    struct Row {
        let index: Int
        let values: UnsafeBufferPointer<Float>
        /// The same with zeros after it.
        let padded: UnsafeBufferPointer<Float>
        /// As many floats as the row has, to be used as one likes.
        let spare: UnsafeMutableBufferPointer<Float>
    }

    init(_ source: any TensorSource) {
        self.source = source
        rows = source.shape.rank < 2 ? min(source.shape.count, 1) : source.shape.count == 0 ? 0 : source.shape[0]
        columns = rows == 0 ? 0 : source.shape.count / rows
        batch = max(Self.batchByteCount / max(columns * source.dtype.byteCount, 1), 1)
    }

    /// What `body` makes of each row, in their order however many threads work on them.
    ///
    /// - Parameter progress: called with the share of the rows that is done.
    /// - Throws: `badData` naming the row when `body` fails or a number is not finite.
    func map<Part: Sendable>(
        threads: Int, progress: (Double) -> Void = { _ in }, _ body: @Sendable (Row) throws(DalleError) -> Part
    ) throws(DalleError) -> [Part] {
        let batches = (rows + batch - 1) / batch
        var parts: [Part] = []
        parts.reserveCapacity(rows)
        for start in stride(from: 0, to: batches, by: Self.batchesOfWave) {
            let wave = start..<min(start + Self.batchesOfWave, batches)
            let found = Mutex([[Part]](repeating: [], count: wave.count))
            try Parallel.forEach(wave.count, threads: threads) { number throws(DalleError) in
                let first = (start + number) * batch
                var parts: [Part] = []
                try forEach(in: first..<min(first + batch, rows)) { row throws(DalleError) in
                    do throws(DalleError) {
                        try Self.requireFinite(row.values)
                        parts.append(try body(row))
                    } catch {
                        throw Self.locate(error, row: row.index)
                    }
                }
                found.withLock { $0[number] = parts }
            }
            for part in found.withLock({ $0 }) { parts += part }
            progress(Double(wave.upperBound) / Double(batches))
        }
        return parts
    }

    /// Calls `body` with each row of a range.
    func forEach(in range: Range<Int>, _ body: (Row) throws(DalleError) -> Void) throws(DalleError) {
        let size = columns * source.dtype.byteCount
        let padded = Self.padded(columns)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: min(batch, range.count) * size, alignment: 64)
        defer { bytes.deallocate() }
        let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: padded + columns)
        defer { floats.deallocate() }
        floats.initialize(repeating: 0)
        let values = UnsafeMutableBufferPointer(rebasing: floats[..<columns])
        var first = range.lowerBound
        while first < range.upperBound {
            // Batches start at the same rows everywhere, as chunks do.
            let end = min((first / batch + 1) * batch, range.upperBound)
            try source.read(
                first * columns..<end * columns,
                into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<((end - first) * size)]))
            for index in first..<end {
                let place = (index - first) * size
                var target = values.mutableSpan
                try source.dtype.decodeFloats(bytes.bytes.extracting(place..<place + size), into: &target)
                try body(
                    Row(
                        index: index, values: UnsafeBufferPointer(values),
                        padded: UnsafeBufferPointer(rebasing: floats[..<padded]),
                        spare: UnsafeMutableBufferPointer(rebasing: floats[padded...])))
            }
            first = end
        }
    }

    /// - Throws: `badData` when a number is infinite or none.
    private static func requireFinite(_ row: UnsafeBufferPointer<Float>) throws(DalleError) {
        guard row.isFinite else {
            let value = row.first { !$0.isFinite } ?? .nan
            throw DalleError(
                .badData, "holds \(value), which cannot be quantised",
                remedy: "The checkpoint is damaged; --keep REGEX leaves a tensor as it is")
        }
    }

    private static func locate(_ error: DalleError, row: Int) -> DalleError {
        DalleError(
            error.code, "row \(row) \(error.message)", remedy: error.remedy, file: error.file, item: error.item,
            offset: error.offset)
    }
}
