import Foundation
import TestSupport
import Testing

@testable import DalleFormat

/// docs/FORMAT.md and the reader written from it, held against what the library writes.
@Suite struct FormatDocumentTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let package = Fixtures.directory.deletingLastPathComponent()

    /// The example's file, and what the bytes mean: lengths and names.
    private func example() throws -> (bytes: [UInt8], meanings: [(Int, String)]) {
        let path = directory.path("example.dalle")
        let writer = try ModelFileWriter(path, replacing: false, threads: 1)
        try writer.add("words.list", BytesSource(Array("a\nthe".utf8)), compression: .none)
        let words = Component(
            name: "words", kind: Component.Kind("word-frequencies"), configuration: MetadataMap())
        try writer.finish(metadata: MetadataMap(["tool": "example"]), components: [words])
        let meanings: [(Int, String)] = [
            (8, "magic"), (4, "version"), (4, "zero"), (8, "offset of the index"), (8, "bytes of the index"),
            (16, "root"), (8, "zero"), (8, "XXH3-64 of the head so far"),
            (5, "the tensor's only chunk: a, line feed, the"),
            (4, "no features"), (1, "metadata: a map"), (4, "of one value"), (4, "name of 4 bytes"), (4, "tool"),
            (1, "a text"), (4, "of 7 bytes"), (7, "example"), (4, "one component"), (4, "name of 5 bytes"),
            (5, "words"), (4, "kind of 16 bytes"), (16, "word-frequencies"), (1, "configuration: a map"),
            (4, "of no values"), (4, "one tensor"), (4, "name of 10 bytes"), (10, "words.list"),
            (4, "element type of 5 bytes"), (5, "uint8"), (4, "layout of 5 bytes"), (5, "plain"),
            (4, "version of the layout"), (4, "rank"), (8, "extent"), (8, "bytes of the tensor"),
            (16, "XXH3-128 of them"), (8, "bytes of a chunk"), (4, "one chunk"), (1, "stored"), (8, "its offset"),
            (8, "its length"), (8, "XXH3-64 of it"),
        ]
        return (Array(try Data(contentsOf: URL(filePath: path))), meanings)
    }

    @Test func theExampleIsWhatTheWriterWrites() throws {
        let (bytes, meanings) = try example()
        #expect(meanings.reduce(0) { $0 + $1.0 } == bytes.count)
        var lines: [String] = []
        var start = 0
        for (count, meaning) in meanings {
            let hex = bytes[start..<start + count].map { String(format: "%02X", $0) }
            for row in stride(from: 0, to: count, by: 8) {
                let text = hex[row..<min(row + 8, count)].joined(separator: " ")
                let line = String(format: "%4d  ", start + row) + text
                lines.append(
                    row == 0 ? "\(line.padding(toLength: 31, withPad: " ", startingAt: 0))\(meaning)" : line)
            }
            start += count
        }
        let block = "<!-- example -->\n```\n\(lines.joined(separator: "\n"))\n```\n<!-- end of example -->"
        let path = Self.package.appending(path: "docs/FORMAT.md")
        var document = try String(contentsOf: path, encoding: .utf8)
        // To bring the document up to date: DALLE_UPDATE_DOCS=1 swift test
        if ProcessInfo.processInfo.environment["DALLE_UPDATE_DOCS"] != nil,
            let first = document.range(of: "<!-- example -->"), let last = document.range(of: "<!-- end of example -->")
        {
            document.replaceSubrange(first.lowerBound..<last.upperBound, with: block)
            try document.write(to: path, atomically: true, encoding: .utf8)
        }
        #expect(document.contains(block), "expected:\n\(block)")
    }

    @Test func theExampleOfPlanesIsRight() {
        let source: [UInt8] = [0x00, 0x00, 0xC0, 0xBF]
        var planes = [UInt8](repeating: 0, count: 4)
        source.withUnsafeBytes { source in
            planes.withUnsafeMutableBytes { BytePlanes.split(source, planes: 4, movesSign: true, into: $0) }
        }
        #expect(planes == [0x01, 0x00, 0x80, 0x7F])
        #expect(DType.allCases.map { Chunk.Encoding(planesOf: $0).tag } == [24, 20, 18, 18, 8, 4, 2, 1, 8, 4, 2, 1, 1])
    }

    // MARK: The reader in Python

    private static let python = ProcessInfo.processInfo.environment["DALLE_PYTHON"] ?? "python3"

    private func run(_ arguments: String...) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [Self.python] + arguments
        let output = directory.url.appending(path: "output")
        try Data().write(to: output)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: try Data(contentsOf: output), as: UTF8.self))
    }

    /// As in zip and PNG files, bit by bit.
    private func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~crc
    }

    /// Stored chunks need nothing but Python, compressed ones a package.
    @Test(arguments: [Compression.none, .zstd(level: 3)])
    func aReaderWrittenFromTheDocumentAgrees(_ compression: Compression) throws {
        let needs =
            compression == .none ? "pass" : "try:\n import compression.zstd\nexcept ImportError: import zstandard"
        guard try run("-c", needs).status == 0 else {
            print("SKIPPED: \(Self.python) is not there or cannot run: \(needs) (DALLE_PYTHON names another)")
            return
        }
        var generator = SeededGenerator(seed: 9)
        let path = directory.path("model.dalle")
        let writer = try ModelFileWriter(path, replacing: false, threads: 2)
        for dtype in DType.allCases {
            let shape: Shape = [30, 7]
            var bytes: [UInt8] = []
            for _ in 0..<shape.count {
                let bits = UInt64(generator.normal().bitPattern) &* 0x1_0000_0001
                bytes += (0..<dtype.byteCount).map { UInt8(truncatingIfNeeded: bits >> (64 - 8 * UInt64($0 + 1))) }
            }
            try writer.add(
                "all.\(dtype.rawValue)", MemorySource(dtype: dtype, shape: shape, bytes: bytes),
                compression: compression)
        }
        let large = MemorySource((0..<1_100_000).map { Float($0 % 1000) * 0.01 }, [1_100_000])
        try writer.add("all.large", large, compression: compression)
        try writer.add("all.scalar", MemorySource([1.5], []), compression: compression)
        try writer.add("all.empty", MemorySource([], [0, 3]), compression: compression)
        for coding in [PackedRows.Coding.int8, .int4] {
            for shape in [[9, 70], [3, 2, 2, 33], [65, 1]] as [Shape] {
                try writer.add(
                    "all.\(coding).\(shape[0])", packed: PackedBytesOfNoise(try PackedRows(coding, shape), shape),
                    compression: compression)
            }
        }
        try writer.finish(metadata: MetadataMap(["n": [1, -2, 0.5, true, ["a": "ä"]]]), components: [])

        let script = Self.package.appending(path: "docs/read_dalle.py").path
        let (status, output) = try run(script, path)
        let file = try ModelFile(path)
        let expected = try file.tensors.map { tensor in
            // Those of whole numbers are compared as the floats they stand for.
            let crc =
                if tensor.packing == nil { try file.bytes(of: tensor.name).withUnsafeBytes { crc32($0) } } else {
                    try FloatTensor(file, tensor.name, shape: tensor.shape).array.withUnsafeBytes { crc32($0) }
                }
            return "\(tensor.name) \(tensor.dtype.rawValue) \(tensor.shape) \(String(format: "%08x", crc))"
        }
        #expect(status == 0 && output.split(separator: "\n").map(String.init) == expected)
        #expect(file.tensors.contains { !$0.isStored } == (compression != .none))
    }
}

/// Any numbers, with scales and padding as the layout wants them.
private struct PackedBytesOfNoise: PackedSource {
    let packing: PackedRows
    let shape: Shape

    init(_ packing: PackedRows, _ shape: Shape) {
        self.packing = packing
        self.shape = shape
    }

    func read(bytes: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
        for byte in bytes {
            let (scale, place) = (byte - packing.scalesOffset).quotientAndRemainder(dividingBy: 4)
            let bits = (Float(scale % 7) / 3 - 1).bitPattern
            target[byte - bytes.lowerBound] =
                byte < packing.scalesOffset ? value(at: byte) : UInt8(truncatingIfNeeded: bits >> (8 * UInt32(place)))
        }
    }

    private func value(at byte: Int) -> UInt8 {
        let (row, place) = byte.quotientAndRemainder(dividingBy: packing.stride)
        guard row < packing.rows else { return 0 }
        let value = UInt8(truncatingIfNeeded: byte &* 151 >> 2)
        switch packing.coding {
        case .int8: return place < packing.columns ? (value == 0x80 ? 0x81 : value) : 0
        case .int4:
            // Groups' multipliers come after the numbers, of which 32 bytes hold 64.
            guard place < packing.stride / 17 * 16 else { return value }
            let column = place / 32 * 64 + place % 32
            return (column < packing.columns ? value & 15 : 8) | (column + 32 < packing.columns ? value & 0xF0 : 0x80)
        }
    }
}
