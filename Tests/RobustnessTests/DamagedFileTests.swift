import DalleFormat
import Foundation
import TestSupport
import Testing

/// Whatever byte of a file is changed and wherever it is cut off: it is read or refused, soon and in little memory.
///
/// Model files and pickles have such tests of their own, beside what else is held of them.
@Suite(.serialized) struct DamagedFileTests {
    /// Places in one file; those of a longer one are spread over it, its first bytes all being tried.
    private static let places = 120
    private static let allOf = 40
    /// Each of the readers' own bounds is lower, and so is what other tests need at the same time.
    private static let mostMemory = 1 << 30

    private static let examples = Reader.allCases.flatMap { reader in reader.examples.map { (reader, $0) } }

    @Test(arguments: examples)
    func isReadOrRefused(_ reader: Reader, _ name: String) throws {
        let genuine = [UInt8](try Fixtures.data(name))
        let directory = try TemporaryDirectory()
        let path = directory.path("damaged" + (reader == .shardIndex ? ".index.json" : ""))
        try Data().write(to: URL(filePath: path))
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        let before = peakMemory()
        var (slowest, refused) = (Duration.zero, 0)
        func attempt(_ bytes: [UInt8]) throws {
            // The file stays open: the system would bring each new one to the disk.
            try file.truncate(atOffset: UInt64(bytes.count))
            try file.seek(toOffset: 0)
            try file.write(contentsOf: bytes)
            var error: DalleError?
            let duration = ContinuousClock().measure {
                do throws(DalleError) {
                    try reader.read(path)
                } catch let thrown {
                    error = thrown
                }
            }
            slowest = max(slowest, duration)
            guard let error else { return }
            refused += 1
            // A damaged file may claim any size.
            #expect([.badData, .missingInput, .noMemory].contains(error.code), "\(error)")
            #expect(!error.description.unicodeScalars.contains { $0.value < 0x20 }, "\(error)")
        }
        // Letters become others, numbers larger, and what tells one kind of byte from another turns.
        let masks: [UInt8] = [0xFF, 0x01, 0x80]
        for (number, position) in Self.positions(genuine.count).enumerated() {
            var changed = genuine
            changed[position] ^= masks[number % masks.count]
            try attempt(changed)
            try attempt(Array(genuine[..<position]))
        }
        #expect(refused > 0)
        #expect(slowest < .seconds(10))
        #expect(peakMemory() - before < Self.mostMemory)
    }

    private static func positions(_ count: Int) -> [Int] {
        let first = min(allOf, count)
        let rest = stride(from: first, to: count, by: max((count - first) / (places - allOf), 1))
        return Array(0..<first) + rest
    }
}
