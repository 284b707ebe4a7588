import DalleFormat
import DalleKernels

/// A tensor whose numbers are rounded to another floating-point type as they are read.
struct RoundedTensor: TensorSource {
    let rows: ConvertedRows
    let dtype: DType

    var shape: Shape { rows.rows.source.shape }

    init(_ source: any TensorSource, to dtype: DType) {
        let rows = RowReader(source)
        self.rows = ConvertedRows(rows, stride: rows.columns * dtype.byteCount) { row, bytes throws(DalleError) in
            try Self.round(row, dtype, into: bytes)
        }
        self.dtype = dtype
    }

    /// Writes a row in the type, and measures what a reader will find.
    private static func round(
        _ row: RowReader.Row, _ dtype: DType, into bytes: UnsafeMutableRawBufferPointer
    ) throws(DalleError) -> RowError {
        var encoded = bytes.mutableBytes
        try dtype.encodeFloats(row.values.span, into: &encoded)
        var decoded = row.spare.mutableSpan
        try dtype.decodeFloats(UnsafeRawBufferPointer(bytes).bytes, into: &decoded)
        let restored = UnsafeBufferPointer(row.spare)
        guard Kernels.best.largest(restored).isFinite else {
            let value = row.values.max { abs($0) < abs($1) } ?? 0
            throw DalleError(
                .badData, "holds \(value), over the largest \(dtype.rawValue)",
                remedy: "Use --bf16, or --keep REGEX to leave the tensor as it is")
        }
        return RowError(row.values, restored)
    }

    func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        let size = dtype.byteCount
        try rows.read(bytes: elements.lowerBound * size..<elements.upperBound * size, into: target)
    }

    func finish() { rows.rows.source.finish() }
}
