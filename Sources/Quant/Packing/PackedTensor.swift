import DalleFormat

/// A tensor's rows as whole numbers with scales.
///
/// The source is read twice: once to choose the scales and measure the error, then again to be written. So memory stays
/// at some rows for each thread and the scales, and the error is known before anything is written.
struct PackedTensor: PackedSource {
    private let rows: RowReader
    private let codec: any RowCodec
    let packing: PackedRows
    /// Of all rows, as they stand in the file.
    private let scales: [UInt8]
    let error: TensorError

    var shape: Shape { rows.source.shape }

    /// - Throws: `badData` naming the row when a number is not finite or too large for the scales' type.
    init(_ source: any TensorSource, _ codec: any RowCodec, threads: Int) throws(DalleError) {
        let packing = try PackedRows(codec.coding, source.shape)
        let rows = RowReader(source)
        let parts = try rows.map(threads: threads) { first, values throws(DalleError) in
            try Part(first, values, codec, packing)
        }
        self.rows = rows
        self.codec = codec
        self.packing = packing
        scales = parts.flatMap(\.scales)
        error = TensorError(rows: parts.flatMap(\.errors))
    }

    /// What is found out about some rows.
    private struct Part: Sendable {
        var scales: [UInt8]
        var errors: [RowError] = []

        init(
            _ first: Int, _ values: UnsafeBufferPointer<Float>, _ codec: any RowCodec, _ packing: PackedRows
        ) throws(DalleError) {
            let (columns, size) = (packing.columns, packing.scalesPerRow * packing.scaleType.byteCount)
            let count = values.count / columns
            scales = [UInt8](repeating: 0, count: count * size)
            var bytes = [UInt8](repeating: 0, count: packing.stride)
            var restored = [Float](repeating: 0, count: columns)
            for number in 0..<count {
                let row = UnsafeBufferPointer(rebasing: values[number * columns..<(number + 1) * columns])
                let place = number * size..<(number + 1) * size
                do throws(DalleError) {
                    try RowReader.requireFinite(row)
                    try scales.withUnsafeMutableBufferPointer { all throws(DalleError) in
                        try codec.chooseScales(
                            row, into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: all[place])))
                    }
                } catch {
                    throw RowReader.locate(error, row: first + number)
                }
                scales.withUnsafeBytes { all in
                    let scales = UnsafeRawBufferPointer(rebasing: all[place])
                    bytes.withUnsafeMutableBytes { bytes in
                        codec.encode(row, scales: scales, into: bytes)
                        restored.withUnsafeMutableBufferPointer {
                            packing.decodeRow(values: UnsafeRawBufferPointer(bytes), scales: scales, into: $0)
                        }
                    }
                }
                errors.append(restored.withUnsafeBufferPointer { RowError(row, $0) })
            }
        }
    }

    func read(bytes: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        let values = bytes.clamped(to: 0..<packing.rows * packing.stride)
        if !values.isEmpty {
            let holding = values.lowerBound / packing.stride..<(values.upperBound - 1) / packing.stride + 1
            try rows.forEach(in: holding) { first, floats throws(DalleError) in
                write(first, floats, values, UnsafeMutableRawBufferPointer(rebasing: target[..<values.count]))
            }
        }
        // Between the rows and the scales, and the scales.
        for byte in max(bytes.lowerBound, values.upperBound)..<max(bytes.upperBound, values.upperBound) {
            let place = byte - packing.scalesOffset
            target[byte - bytes.lowerBound] = place < 0 ? 0 : scales[place]
        }
    }

    /// Writes what of some rows falls into a range of the values' bytes.
    private func write(
        _ first: Int, _ floats: UnsafeBufferPointer<Float>, _ values: Range<Int>,
        _ target: UnsafeMutableRawBufferPointer
    ) {
        let (columns, stride) = (packing.columns, packing.stride)
        let size = packing.scalesPerRow * packing.scaleType.byteCount
        var scratch: [UInt8] = []
        for number in 0..<floats.count / columns {
            let row = UnsafeBufferPointer(rebasing: floats[number * columns..<(number + 1) * columns])
            let index = first + number
            let place = index * stride..<(index + 1) * stride
            let part = place.clamped(to: values)
            let output = UnsafeMutableRawBufferPointer(
                rebasing: target[part.lowerBound - values.lowerBound..<part.upperBound - values.lowerBound])
            scales.withUnsafeBytes { all in
                let scales = UnsafeRawBufferPointer(rebasing: all[index * size..<(index + 1) * size])
                if part == place {
                    codec.encode(row, scales: scales, into: output)
                } else {
                    // A row larger than a chunk.
                    if scratch.isEmpty { scratch = [UInt8](repeating: 0, count: stride) }
                    scratch.withUnsafeMutableBytes { codec.encode(row, scales: scales, into: $0) }
                    let start = part.lowerBound - place.lowerBound
                    output.copyBytes(from: scratch[start..<start + part.count])
                }
            }
        }
    }

    func finish() { rows.source.finish() }
}
