import DalleFormat

@testable import DalleQuant

/// What `Int8RowCodec` and `Int4GroupCodec` do, a number at a time.
protocol PlainCodec {
    /// The bytes of a row, padding included, and of its scales.
    func pack(_ row: [Float]) -> (values: [UInt8], scales: [UInt8])
}

func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// The twin of `Int8RowCodec`.
struct PlainInt8RowCodec: PlainCodec {
    func pack(_ row: [Float]) -> (values: [UInt8], scales: [UInt8]) {
        let scale = Int8RowCodec.scale(largest: row.map(abs).max() ?? 0)
        let numbers = row.map { scale == 0 ? 0 : Int8(($0 * (1 / scale)).rounded(.toNearestOrEven)) }
        let padding = [UInt8](repeating: 0, count: (64 - row.count % 64) % 64)
        return (numbers.map { UInt8(bitPattern: $0) } + padding, littleEndian(scale.bitPattern))
    }
}

/// The twin of `Int4GroupCodec` with the same candidates.
struct PlainInt4GroupCodec: PlainCodec {
    let candidates: [Float]?
    /// Of the error of each column.
    var weights: [Float]?

    func pack(_ row: [Float]) -> (values: [UInt8], scales: [UInt8]) {
        var (values, scales): ([UInt8], [UInt8]) = ([], [])
        for start in stride(from: 0, to: row.count, by: 32) {
            var group = Array(row[start..<min(start + 32, row.count)])
            group += [Float](repeating: 0, count: 32 - group.count)
            let bits = FloatBits.half(scale(group, start))
            let isZero = bits & 0x7FFF == 0
            scales += littleEndian(isZero ? 0 : bits)
            let inverse = isZero ? 0 : 1 / FloatBits.float(half: bits)
            let numbers = group.map { UInt8(Self.number($0 * inverse) + 8) }
            values += (0..<16).map { numbers[$0] | numbers[$0 + 16] << 4 }
        }
        return (values, scales)
    }

    private static func number(_ steps: Float) -> Float { min(max(steps, -8), 7).rounded(.toNearestOrEven) }

    private func scale(_ group: [Float], _ start: Int) -> Float {
        let (high, low) = (group.max() ?? 0, group.min() ?? 0)
        let largest = -low >= high ? low : high
        guard abs(largest) >= 0x1p-22 else { return 0 }
        guard let candidates else { return largest / -8 }
        var best: (gain: Float, scale: Float)?
        for candidate in candidates {
            let inverse = candidate / largest
            var (product, square): (Float, Float) = (0, 0)
            for (i, value) in group.enumerated() {
                let number = Self.number(value * inverse)
                // Beyond the row's end both are 0.
                let weight = start + i < weights?.count ?? 0 ? weights?[start + i] ?? 1 : 1
                product += weight * value * number
                square += weight * number * number
            }
            let gain = product * product / square
            if best.map({ gain > $0.gain }) ?? true { best = (gain, product / square) }
        }
        return best?.scale ?? 0
    }
}
