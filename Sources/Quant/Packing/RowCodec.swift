import DalleFormat

/// Turns rows of numbers into whole numbers with scales.
protocol RowCodec: Sendable {
    var coding: PackedRows.Coding { get }

    /// Writes a row's whole numbers, with its padding, and its scales as they stand in the file.
    ///
    /// - Returns: how far what a reader finds is from the row.
    /// - Throws: `badData` when the numbers are too large for the scales' type.
    func convert(
        _ row: RowReader.Row, _ packing: PackedRows, values: UnsafeMutableRawBufferPointer,
        scales: UnsafeMutableRawBufferPointer
    ) throws(DalleError) -> RowError
}

extension Int4GroupCodec {
    func convert(
        _ row: RowReader.Row, _ packing: PackedRows, values: UnsafeMutableRawBufferPointer,
        scales: UnsafeMutableRawBufferPointer
    ) throws(DalleError) -> RowError {
        try pack(row.padded, values: values, scales: scales)
        packing.decodeRow(
            values: UnsafeRawBufferPointer(values), scales: UnsafeRawBufferPointer(scales), into: row.spare)
        return RowError(row.values, UnsafeBufferPointer(row.spare))
    }
}
