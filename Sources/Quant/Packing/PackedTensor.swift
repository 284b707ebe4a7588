import DalleFormat

/// A tensor's rows as whole numbers with scales.
///
/// All rows are converted and measured before anything is written. What comes of it is kept; of a tensor too large for
/// that only the scales are, and its rows are converted once more to be written.
struct PackedTensor: PackedSource {
    private let rows: RowReader
    private let codec: any RowCodec
    let packing: PackedRows
    /// Rows and scales as they stand in the file; without the rows where these are not kept.
    private let kept: KeptBytes
    private let keepsRows: Bool
    let error: TensorError

    var shape: Shape { rows.source.shape }

    /// - Parameters:
    ///   - limit: Bytes that are kept at most.
    ///   - progress: called with the share of the rows that is done.
    /// - Throws: `badData` naming the row when a number is not finite.
    init(
        _ source: any TensorSource, _ codec: any RowCodec, threads: Int, limit: Int = KeptBytes.limit,
        progress: (Double) -> Void = { _ in }
    ) throws(DalleError) {
        let packing = try PackedRows(codec.coding, source.shape)
        let rows = RowReader(source)
        let whole = KeptBytes(packing.byteCount, limit: limit)
        guard let kept = whole ?? KeptBytes(packing.byteCount - packing.scalesOffset, limit: .max) else {
            throw DalleError(.fault, "\(packing.byteCount) bytes are too many")
        }
        let offset = whole == nil ? packing.scalesOffset : 0
        if whole != nil {
            // Between the rows and the scales.
            kept[packing.rows * packing.stride..<packing.scalesOffset].initializeMemory(as: UInt8.self, repeating: 0)
        }
        let errors = try rows.map(threads: threads, progress: progress) { row throws(DalleError) in
            let place = packing.scaleBytes(row.index..<row.index + 1)
            let scale = kept[place.lowerBound - offset..<place.upperBound - offset]
            guard let whole else {
                let space = UnsafeMutableRawBufferPointer.allocate(byteCount: packing.stride, alignment: 64)
                defer { space.deallocate() }
                return Self.pack(row, codec, packing, space, scale)
            }
            return Self.pack(row, codec, packing, whole[packing.valueBytes(row.index..<row.index + 1)], scale)
        }
        self.rows = rows
        self.codec = codec
        self.packing = packing
        self.kept = kept
        keepsRows = whole != nil
        error = TensorError(rows: errors)
    }

    /// Packs a row, and measures what a reader will find.
    private static func pack(
        _ row: RowReader.Row, _ codec: any RowCodec, _ packing: PackedRows, _ values: UnsafeMutableRawBufferPointer,
        _ scale: UnsafeMutableRawBufferPointer
    ) -> RowError {
        scale.storeBytes(of: codec.pack(row.padded, into: values).bitPattern.littleEndian, as: UInt32.self)
        packing.decodeRow(
            values: UnsafeRawBufferPointer(values), scale: UnsafeRawBufferPointer(scale), into: row.spare)
        return RowError(row.values, UnsafeBufferPointer(row.spare))
    }

    func read(bytes: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        if keepsRows {
            kept.read(bytes, into: target)
            return
        }
        let rowsEnd = packing.rows * packing.stride
        func part(_ range: Range<Int>) -> (Range<Int>, UnsafeMutableRawBufferPointer) {
            let range = range.clamped(to: bytes)
            let start = range.lowerBound - bytes.lowerBound
            return (range, UnsafeMutableRawBufferPointer(rebasing: target[start..<start + range.count]))
        }
        let (values, space) = part(0..<rowsEnd)
        try convert(values, into: space)
        part(rowsEnd..<packing.scalesOffset).1.initializeMemory(as: UInt8.self, repeating: 0)
        let (scales, end) = part(packing.scalesOffset..<packing.byteCount)
        if !scales.isEmpty {
            kept.read(scales.lowerBound - packing.scalesOffset..<scales.upperBound - packing.scalesOffset, into: end)
        }
    }

    /// Converts what falls into a range of the rows' bytes once more.
    private func convert(
        _ bytes: Range<Int>, into target: UnsafeMutableRawBufferPointer
    ) throws(DalleError) {
        guard !bytes.isEmpty else { return }
        let stride = packing.stride
        let space = UnsafeMutableRawBufferPointer.allocate(byteCount: stride, alignment: 64)
        defer { space.deallocate() }
        try rows.forEach(in: bytes.lowerBound / stride..<(bytes.upperBound - 1) / stride + 1) {
            row throws(DalleError) in
            _ = codec.pack(row.padded, into: space)
            let place = row.index * stride..<(row.index + 1) * stride
            // A row larger than a chunk is in several.
            let part = place.clamped(to: bytes)
            let output = target[part.lowerBound - bytes.lowerBound..<part.upperBound - bytes.lowerBound]
            UnsafeMutableRawBufferPointer(rebasing: output).copyMemory(
                from: UnsafeRawBufferPointer(
                    rebasing: space[part.lowerBound - place.lowerBound..<part.upperBound - place.lowerBound]))
        }
    }

    func finish() { rows.source.finish() }
}
