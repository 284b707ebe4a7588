import DalleFormat

/// A tensor rounded to another floating-point type as it is read.
struct RoundedTensor: TensorSource {
    let rows: ConvertedRows
    let dtype: DType

    var shape: Shape { rows.rows.source.shape }

    init(_ source: any TensorSource, to dtype: DType, allowsNonFinite: Bool = false) {
        let rows = RowReader(source, allowsNonFinite: allowsNonFinite)
        self.rows = ConvertedRows(rows, stride: rows.columns * dtype.byteCount) { row, bytes throws(DalleError) in
            let (error, overflow) = try Self.round(row, dtype, into: bytes)
            if let overflow, !allowsNonFinite {
                throw rows.fault(row, at: overflow, becoming: dtype).error(
                    remedy: "Use --bf16, or --keep REGEX to leave the tensor as it is")
            }
            return error
        }
        self.dtype = dtype
    }

    /// Encodes a row and measures the error of what a reader decodes.
    ///
    /// - Returns: the error, and the first column that decodes as infinity or NaN.
    private static func round(
        _ row: RowReader.Row, _ dtype: DType, into bytes: UnsafeMutableRawBufferPointer
    ) throws(DalleError) -> (RowError, overflow: Int?) {
        var encoded = bytes.mutableBytes
        let loss = try dtype.encodeFloats(row.values.span, into: &encoded)
        var decoded = row.spare.mutableSpan
        try dtype.decodeFloats(UnsafeRawBufferPointer(bytes).bytes, into: &decoded)
        var error = RowError(row.values, UnsafeBufferPointer(row.spare))
        error.vanished = row.vanished + loss.vanished
        return (error, loss.isNonFinite ? dtype.firstNonFinite(UnsafeRawBufferPointer(bytes)) : nil)
    }

    func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        let size = dtype.byteCount
        try rows.read(bytes: elements.lowerBound * size..<elements.upperBound * size, into: target)
    }

    func finish() { rows.rows.source.finish() }
}
