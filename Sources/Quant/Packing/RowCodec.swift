import DalleFormat

/// Turns rows of numbers into whole numbers with scales.
protocol RowCodec: Sendable {
    var coding: PackedRows.Coding { get }

    /// Chooses a row's scales and writes them as they stand in the file. The numbers are finite.
    ///
    /// - Throws: `badData` when the numbers are too large for the scales' type.
    func chooseScales(
        _ row: UnsafeBufferPointer<Float>, into scales: UnsafeMutableRawBufferPointer
    ) throws(DalleError)

    /// Writes a row's whole numbers, and its padding.
    func encode(
        _ row: UnsafeBufferPointer<Float>, scales: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer)
}

/// Rounding to whole numbers, ties to even, the same on every machine.
enum WholeNumber {
    /// Adding 1.5·2²³ leaves no bits for a fraction: the sum's lowest bits are the whole number.
    ///
    /// Vectorises everywhere, where `rounded` is a call for each number on processors without SSE 4.1; `Plain` says the
    /// same. `value` must be within ±2²².
    @inline(__always)
    static func nearest(_ value: Float) -> Int32 {
        Int32(bitPattern: (value + 12_582_912).bitPattern) &- 0x4B40_0000
    }

    /// The nearest whole number inside a range; what is not a number becomes one of its ends.
    @inline(__always)
    static func nearest(_ value: Float, from low: Float, to high: Float) -> Int32 {
        let above = value > low ? value : low
        return nearest(above < high ? above : high)
    }

    /// The twin.
    enum Plain {
        static func nearest(_ value: Float, from low: Float, to high: Float) -> Int32 {
            Int32(min(max(value, low), high).rounded(.toNearestOrEven))
        }
    }
}

extension UnsafeBufferPointer<Float> {
    /// The bits of the largest magnitude; over infinity's when something is not a number.
    ///
    /// Magnitudes are compared as whole numbers, in which their bits have the same order.
    var largestMagnitudeBits: UInt32 {
        var largest: UInt32 = 0
        for value in self {
            let bits = value.bitPattern & 0x7FFF_FFFF
            largest = bits > largest ? bits : largest
        }
        return largest
    }

    /// Whether nothing in it is infinite or not a number.
    var isFinite: Bool { largestMagnitudeBits < Float.infinity.bitPattern }
}
