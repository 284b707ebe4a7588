import TestSupport
import Testing

@testable import DalleFormat

/// Whole numbers that `docs/FORMAT.md`, §5, does not have: told by `check`, refused by whoever reads them.
@Suite struct PackedRowsCheckTests {
    /// The bytes of a layout as they are given.
    private struct Bytes: PackedSource {
        let shape: Shape
        let packing: PackedRows
        let bytes: [UInt8]

        func read(bytes range: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
            target.copyBytes(from: bytes[range])
        }
    }

    private static let rows = 5

    /// Rows of 100 numbers, and scales of 1.
    private func plain(_ coding: PackedRows.Coding) throws -> Bytes {
        let shape = try Shape([Self.rows, 100])
        let packing = try PackedRows(coding, shape)
        var bytes = [UInt8](repeating: 0, count: packing.byteCount)
        for row in 0..<Self.rows {
            let range = packing.valueBytes(row..<row + 1)
            let numbers = coding == .int8 ? range : range.lowerBound..<range.lowerBound + 64
            for i in numbers { bytes[i] = coding == .int4 ? 0x88 : i - numbers.lowerBound < 100 ? 0x81 : 0 }
            let scale = packing.scaleBytes(row..<row + 1).lowerBound
            bytes.replaceSubrange(scale..<scale + 4, with: [0, 0, 0x80, 0x3F])
        }
        return Bytes(shape: shape, packing: packing, bytes: bytes)
    }

    private func write(_ source: Bytes, _ path: String, _ compression: Compression) throws -> ModelFile {
        let writer = try ModelFileWriter(path, replacing: true, threads: 1)
        try writer.add("w", packed: source, compression: compression)
        try writer.finish(metadata: MetadataMap(), components: [])
        return try ModelFile(path)
    }

    private func changed(_ source: Bytes, at place: Int, _ new: [UInt8]) -> Bytes {
        var bytes = source.bytes
        bytes.replaceSubrange(place..<place + new.count, with: new)
        return Bytes(shape: source.shape, packing: source.packing, bytes: bytes)
    }

    @Test(arguments: [PackedRows.Coding.int8, .int4], [Compression.none, .zstd(level: 3)])
    func whatTheLayoutDoesNotHaveIsNamed(_ coding: PackedRows.Coding, _ compression: Compression) throws {
        let directory = try TemporaryDirectory()
        let source = try plain(coding)
        let whole = try write(source, directory.path("whole.dalle"), compression)
        #expect(whole.tensors[0].isStored == (compression == .none))
        #expect(try whole.damages(decoding: true).isEmpty)
        _ = try FloatTensor(whole, "w", shape: source.shape)
        let (row, scales) = (source.packing.valueBytes(3..<4).lowerBound, source.packing.scaleBytes(3..<4).lowerBound)
        var cases: [(place: Int, bytes: [UInt8], text: String)] = [
            (scales, [0, 0, 0xC0, 0x7F], "the scale of row 3"), (scales, [0, 0, 0x80, 0xFF], "the scale of row 3"),
        ]
        if coding == .int8 {
            cases += [
                (row + 99, [0x80], "row 3 holds −128 at column 99"), (row + 100, [1], "row 3 is not filled up"),
                (row + 127, [0xFF], "row 3 is not filled up"),
            ]
        } else {
            // Column 100 is in the upper four bits of byte 36 of the second block, the last one in those of its last byte.
            cases += [
                (row + 36, [0x88], ""), (row + 32 + 4, [0x78], "row 3 is not filled up"),
                (row + 63, [0x98], "row 3 is not filled up"), (row + 32 + 3, [0x78], ""),
                (source.packing.valueBytes(0..<Self.rows).upperBound, [1], "between the rows and their scales"),
            ]
        }
        for (place, bytes, text) in cases {
            let file = try write(changed(source, at: place, bytes), directory.path("bad.dalle"), compression)
            let damages = try file.damages()
            guard !text.isEmpty else {
                #expect(damages.isEmpty)
                continue
            }
            #expect(damages.count == 1 && damages[0].tensor == "w" && damages[0].message.contains(text), "\(damages)")
            let error = #expect(throws: DalleError.self) { try FloatTensor(file, "w", shape: source.shape) }
            #expect(error?.code == .badData && error?.item == "w" && error?.message.contains(text) == true)
            #expect(throws: DalleError.self) { try file.check() }
        }
    }

    /// Chunks that end inside rows, padding and scales.
    @Test func everyPartIsLookedAtWhereItLies() throws {
        let source = try plain(.int8)
        let bad = changed(source, at: source.packing.valueBytes(2..<3).lowerBound + 110, [7])
        for step in [1, 3, 64, 100, 131] {
            func faults(_ source: Bytes) -> [String] {
                stride(from: 0, to: source.bytes.count, by: step).compactMap { start in
                    Array(source.bytes[start..<min(start + step, source.bytes.count)]).withUnsafeBytes {
                        source.packing.fault($0, at: start)
                    }
                }
            }
            #expect(faults(source).isEmpty)
            #expect(faults(bad) == ["row 2 is not filled up with zeros"], "\(step)")
        }
    }
}
