import DalleFormat
import DalleThreads

/// A tensor's rows in another type: converted, and measured, as their bytes are read.
final class ConvertedRows: Sendable {
    let rows: RowReader
    /// Bytes of a converted row.
    private let stride: Int
    private let convert: @Sendable (RowReader.Row, UnsafeMutableRawBufferPointer) throws(DalleError) -> RowError
    private let errors = Monitor(RunningError())
    /// The last row of which a part was read: one larger than a chunk is converted once for all its parts.
    private let partial = Monitor<(index: Int, memory: Memory<UInt8>)?>(nil)

    /// Rows between two reports of progress take so many bytes for each thread.
    private static let measuredByteCount = 16 << 20

    /// - Parameter convert: writes a row's bytes, and says how far they are from it. Throws `badData` when it cannot.
    init(
        _ rows: RowReader, stride: Int,
        _ convert: @escaping @Sendable (RowReader.Row, UnsafeMutableRawBufferPointer) throws(DalleError) -> RowError
    ) {
        self.rows = rows
        self.stride = stride
        self.convert = convert
    }

    /// Of the tensor; when all rows have been read.
    var error: TensorError { errors.withLock { TensorError($0) } }

    /// Converts what lies in a range of the converted rows' bytes.
    ///
    /// - Throws: `badData` naming the row when a number is not finite or does not fit the type.
    func read(bytes: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        var start = bytes.lowerBound
        while start < bytes.upperBound {
            let index = start / stride
            // Whole rows go to where they belong.
            let end = start == index * stride ? bytes.upperBound / stride * stride : start
            let space = UnsafeMutableRawBufferPointer(rebasing: target[(start - bytes.lowerBound)...])
            if end > start {
                try convert(index..<end / stride, into: space)
                start = end
            } else {
                let part = start..<min((index + 1) * stride, bytes.upperBound)
                try copy(part, of: index, into: space)
                start = part.upperBound
            }
        }
    }

    /// Copies a part of a row's bytes.
    private func copy(
        _ bytes: Range<Int>, of index: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        nonisolated(unsafe) let target = target
        try partial.withLock { row throws(DalleError) in
            if row?.index != index {
                let converted = try Memory<UInt8>(repeating: 0, count: stride, for: "a converted row")
                try convert(index..<index + 1, into: converted.bytes)
                row = (index, converted)
            }
            if let row {
                target.copyBytes(
                    from: row.memory.bytes[bytes.lowerBound - index * stride..<bytes.upperBound - index * stride])
            }
        }
    }

    private func convert(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        var found: [RowError] = []
        found.reserveCapacity(range.count)
        try rows.forEach(in: range) { row throws(DalleError) in
            let place = (row.index - range.lowerBound) * stride
            found.append(
                try convert(row, UnsafeMutableRawBufferPointer(rebasing: target[place..<place + stride])))
        }
        errors.withLock { $0.add(found, from: range.lowerBound) }
    }

    /// Converts all rows for the sake of their errors alone.
    ///
    /// - Parameter progress: called with the share of the rows that is done.
    func measure(threads: Int, progress: (Double) -> Void) throws(DalleError) {
        let batch = rows.batch
        let wave = max(Self.measuredByteCount / (batch * stride), 1) * batch * threads
        for start in Swift.stride(from: 0, to: rows.rows, by: wave) {
            let end = min(start + wave, rows.rows)
            try Parallel.forEach((end - start + batch - 1) / batch, threads: threads) { i throws(DalleError) in
                let range = start + i * batch..<min(start + (i + 1) * batch, end)
                try Memory<UInt8>.lend(range.count * stride, for: "converted rows") { space throws(DalleError) in
                    try convert(range, into: UnsafeMutableRawBufferPointer(space))
                }
            }
            rows.source.finish()
            progress(Double(end) / Double(rows.rows))
        }
    }
}
