import TestSupport

/// Numbers for kernels, from tables, since many are needed.
struct RandomNumbers {
    private var generator: SeededGenerator
    private static let bytes: [UInt8] = {
        var generator = SeededGenerator(seed: 42)
        return (0..<1 << 16).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }()
    private static let floats: [Float] = {
        var generator = SeededGenerator(seed: 43)
        return (0..<1 << 16).map { _ in Float.random(in: -2..<2, using: &generator) }
    }()

    init(seed: Int) { generator = SeededGenerator(seed: UInt64(seed)) }

    mutating func below(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }

    private mutating func part<Element>(_ table: [Element], _ count: Int) -> [Element] {
        var elements: [Element] = []
        while elements.count < count {
            let start = below(table.count / 2)
            elements += table[start..<min(start + count - elements.count, table.count)]
        }
        return elements
    }

    mutating func floats(_ count: Int) -> [Float] { part(Self.floats, count) }
    mutating func bytes(_ count: Int) -> [UInt8] { part(Self.bytes, count) }
}
