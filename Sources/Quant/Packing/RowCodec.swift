import DalleFormat

/// Turns rows of numbers into whole numbers with scales.
protocol RowCodec: Sendable {
    var coding: PackedRows.Coding { get }

    /// Writes a row's whole numbers, with its padding, and its scales as they stand in the file.
    ///
    /// - Parameter row: Finite numbers, filled up with zeros as `RowReader` does.
    /// - Throws: `badData` when the numbers are too large for the scales' type.
    func pack(
        _ row: UnsafeBufferPointer<Float>, values: UnsafeMutableRawBufferPointer, scales: UnsafeMutableRawBufferPointer
    ) throws(DalleError)
}

extension UnsafeBufferPointer<Float> {
    /// The bits of the largest magnitude; over infinity's when something is not a number.
    ///
    /// Magnitudes are compared as whole numbers, in which their bits have the same order.
    var largestMagnitudeBits: UInt32 {
        var largest: Int32 = 0
        for value in self {
            let bits = Int32(bitPattern: value.bitPattern & 0x7FFF_FFFF)
            largest = bits > largest ? bits : largest
        }
        return UInt32(bitPattern: largest)
    }

    /// Whether nothing in it is infinite or not a number.
    var isFinite: Bool { largestMagnitudeBits < Float.infinity.bitPattern }
}
