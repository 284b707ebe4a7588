import DalleFormat

@testable import DalleQuant

/// What `Int8RowCodec` and `Int4RowCodec` do, a number at a time.
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
        let scale = Int8RowCodec.scale(maximumMagnitude: row.map(abs).max() ?? 0, mapsTo: 127)
        let numbers = row.map { scale == 0 ? 0 : Int8(($0 * (1 / scale)).rounded(.toNearestOrEven)) }
        let padding = [UInt8](repeating: 0, count: (64 - row.count % 64) % 64)
        return (numbers.map { UInt8(bitPattern: $0) } + padding, littleEndian(scale.bitPattern))
    }
}

/// The twin of `Int4RowCodec`.
struct PlainInt4RowCodec: PlainCodec {
    /// Of the error of each column.
    var weights: [Float]?

    private static let multipliers: [Float] = [1, 2, 4, 6, 8, 10, 12, 15, -1, -2, -4, -6, -8, -10, -12, -15]

    func pack(_ row: [Float]) -> (values: [UInt8], scales: [UInt8]) {
        var best: (values: [UInt8], scale: Float, error: Double)?
        for limit in Int4RowCodec.limits {
            let scale = Int4RowCodec.scale(maximumMagnitude: row.map(abs).max() ?? 0, mapsTo: limit)
            let (values, squares) = pack(row, scale)
            let error = Double(squares) * Double(scale) * Double(scale)
            if best.map({ error < $0.error }) ?? true { best = (values, scale, error) }
        }
        return (best?.values ?? [], littleEndian((best?.scale ?? 0).bitPattern))
    }

    /// The row, and the sum of its errors in squares of the scale.
    private func pack(_ row: [Float], _ scale: Float) -> ([UInt8], Float) {
        let inverse = scale > 0 ? 1 / scale : 0
        var numbers: [UInt8] = [], codes: [UInt8] = []
        var errors = [Float](repeating: 0, count: 16)
        let padded = row.map { $0 * inverse } + [Float](repeating: 0, count: (64 - row.count % 64) % 64)
        for start in stride(from: 0, to: padded.count, by: 16) {
            let group = Array(padded[start..<start + 16])
            let (code, error) = choose(group, start)
            let factor = 1 / Self.multipliers[code]
            numbers += group.map { UInt8(Self.number($0 * factor) + 8) }
            codes.append(UInt8(code))
            errors[start / 16 % 16] += error
        }
        for half in [8, 4, 2, 1] {
            for lane in 0..<half { errors[lane] += errors[lane + half] }
        }
        let bytes = stride(from: 0, to: numbers.count, by: 64).flatMap { start in
            (start..<start + 32).map { numbers[$0] | numbers[$0 + 32] << 4 }
        }
        return (bytes + stride(from: 0, to: codes.count, by: 2).map { codes[$0] | codes[$0 + 1] << 4 }, errors[0])
    }

    private static func number(_ steps: Float) -> Float { min(max(steps, -8), 7).rounded(.toNearestOrEven) }

    private func choose(_ group: [Float], _ start: Int) -> (code: Int, error: Float) {
        let (most, least) = (max(group.max() ?? 0, 0), min(group.min() ?? 0, 0))
        let natural = max(most, -least) / 8
        let middle = Self.multipliers[..<7].count { $0 < natural }
        var best = (code: 0, error: Float.infinity)
        for offset in [0, -1, 1] {
            let code = min(max(middle + offset, 0), 7) + (most > -least ? 8 : 0)
            let multiplier = Self.multipliers[code]
            var sum: Float = 0
            for (i, value) in group.enumerated() {
                let difference = value - Self.number(value * (1 / multiplier)) * multiplier
                // Beyond the row's end there is no error.
                let weight = start + i < weights?.count ?? 0 ? weights?[start + i] ?? 1 : 1
                sum += weight * (difference * difference)
            }
            if sum < best.error { best = (code, sum) }
        }
        return best
    }
}
