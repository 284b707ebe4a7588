import DalleFormat

/// A tensor's rows quantised to integers with scales as they are read.
final class PackedTensor: PackedSource {
    let rows: ConvertedRows
    let packing: PackedRows
    // Each row's scale is written by one thread; all are written before any is read.
    private let scales: Memory<UInt8>

    var shape: Shape { rows.rows.source.shape }

    /// - Throws: `badData` when the tensor has no rows, `noMemory` when the scales do not fit in memory.
    init(_ source: any TensorSource, _ codec: any RowCodec) throws(DalleError) {
        let packing = try PackedRows(codec.coding, source.shape)
        let scales = try Memory<UInt8>(packing.byteCount - packing.scalesOffset, for: "the scales of rows")
        rows = ConvertedRows(RowReader(source), stride: packing.stride) { row, values in
            let (scale, error) = codec.pack(row, into: values)
            let place = packing.scaleBytes(row.index..<row.index + 1).lowerBound - packing.scalesOffset
            scales.bytes.storeBytes(of: scale.bitPattern.littleEndian, toByteOffset: place, as: UInt32.self)
            return error
        }
        self.packing = packing
        self.scales = scales
    }

    func read(bytes: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        func part(_ range: Range<Int>) -> (Range<Int>, UnsafeMutableRawBufferPointer) {
            let range = range.clamped(to: bytes)
            let start = range.lowerBound - bytes.lowerBound
            return (range, UnsafeMutableRawBufferPointer(rebasing: target[start..<start + range.count]))
        }
        let rowsEnd = packing.rows * packing.stride
        let (values, space) = part(0..<rowsEnd)
        try rows.read(bytes: values, into: space)
        part(rowsEnd..<packing.scalesOffset).1.initializeMemory(as: UInt8.self, repeating: 0)
        let (places, end) = part(packing.scalesOffset..<packing.byteCount)
        guard !places.isEmpty else { return }
        end.copyMemory(
            from: UnsafeRawBufferPointer(
                rebasing: scales.bytes[
                    places.lowerBound - packing.scalesOffset..<places.upperBound - packing.scalesOffset]))
    }

    func finish() { rows.rows.source.finish() }
}
