import DalleFormat

/// Turns rows of numbers into whole numbers with scales.
protocol RowCodec: Sendable {
    var coding: PackedRows.Coding { get }

    /// Writes a row's whole numbers, with its padding, as they stand in the file, and gives its scale.
    ///
    /// - Parameter row: Finite numbers, filled up with zeros as `RowReader` does.
    func pack(_ row: UnsafeBufferPointer<Float>, into values: UnsafeMutableRawBufferPointer) -> Float
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
