import DalleFormat

/// Turns rows of numbers into whole numbers with a scale.
protocol RowCodec: Sendable {
    var coding: PackedRows.Coding { get }

    /// Writes a row's whole numbers, with its padding, as they stand in the file.
    ///
    /// - Returns: its scale, and how far what a reader finds is from the row.
    func pack(_ row: RowReader.Row, into values: UnsafeMutableRawBufferPointer) -> (scale: Float, error: RowError)
}

extension RowCodec {
    /// The scale of a row whose largest magnitude becomes a number of steps.
    static func scale(largest: Float, becomes limit: Float) -> Float {
        guard largest > 0 else { return 0 }
        // A scale below the normal numbers would have few bits itself.
        var scale = max(largest / limit, .leastNormalMagnitude)
        // Rounded up, the scale of the largest floats would make infinity of the limit.
        while !(scale * limit).isFinite { scale = scale.nextDown }
        return scale
    }
}
