public import ArgumentParser

/// A number of bytes on the command line: 1500M, 2G, 2.5GiB.
public struct ByteSize: ExpressibleByArgument, Sendable {
    public let byteCount: Int

    public init?(argument: String) {
        let digits = argument.prefix { $0.isNumber || $0 == "." }
        let units = ["": 0, "k": 10, "m": 20, "g": 30, "t": 40]
        var unit = argument.dropFirst(digits.count).lowercased()
        for ending in ["ib", "b"] where unit.hasSuffix(ending) {
            unit.removeLast(ending.count)
            break
        }
        guard let number = Double(digits), let shift = units[unit], number > 0 else { return nil }
        let bytes = number * Double(1 << shift)
        guard bytes < 0x1p62 else { return nil }
        byteCount = Int(bytes)
    }
}
