import DalleFormat
import DalleThreads

/// A tensor's rows in another type, converted and measured as their bytes are read.
final class ConvertedRows: Sendable {
    let rows: RowReader
    /// Bytes per converted row.
    private let stride: Int
    private let convert: @Sendable (RowReader.Row, UnsafeMutableRawBufferPointer) throws(DalleError) -> RowError
    private let errors = Monitor(RunningError())
    /// The last row that was read partially: a row larger than a chunk is converted once for all its parts.
    private let partial = Monitor<(index: Int, memory: Memory<UInt8>)?>(nil)

    /// Converted bytes per thread between two progress reports.
    private static let measuredByteCount = 16 << 20

    /// - Parameter convert: writes a row's bytes and returns their error. Throws `badData` when a number does not fit.
    init(
        _ rows: RowReader, stride: Int,
        _ convert: @escaping @Sendable (RowReader.Row, UnsafeMutableRawBufferPointer) throws(DalleError) -> RowError
    ) {
        self.rows = rows
        self.stride = stride
        self.convert = convert
    }

    /// The tensor's error; available when all rows have been read.
    var error: TensorError { errors.withLock { TensorError($0) } }

    /// Converts the rows of a range of converted bytes.
    ///
    /// - Throws: `badData` naming the row when a number is not finite or does not fit the type.
    func read(bytes: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        var start = bytes.lowerBound
        while start < bytes.upperBound {
            let index = start / stride
            // Whole rows are converted straight into the target.
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

    /// Converts all rows only to measure their errors.
    ///
    /// - Parameter progress: called with the fraction of rows done.
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
