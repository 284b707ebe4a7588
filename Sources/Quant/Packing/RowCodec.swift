import DalleFormat

/// Quantises rows of floats to integers with a scale.
protocol RowCodec: Sendable {
    var coding: PackedRows.Coding { get }

    /// Writes a row's integers, with padding, in the file's layout.
    ///
    /// - Returns: the row's scale and quantisation error.
    func pack(_ row: RowReader.Row, into values: UnsafeMutableRawBufferPointer) -> (scale: Float, error: RowError)
}

extension RowCodec {
    /// The scale that maps a row's largest magnitude to `limit`.
    static func scale(maximumMagnitude: Float, mapsTo limit: Float) -> Float {
        guard maximumMagnitude > 0 else { return 0 }
        // A subnormal scale would have few significant bits.
        var scale = max(maximumMagnitude / limit, .leastNormalMagnitude)
        // Near the largest float, a scale that was rounded up would overflow at the limit.
        while !(scale * limit).isFinite { scale = scale.nextDown }
        return scale
    }
}
