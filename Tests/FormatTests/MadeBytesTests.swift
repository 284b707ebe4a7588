import Foundation
import TestSupport
import Testing

@testable import DalleFormat

/// Bytes that are made from a file's, in memory and in a temporary file.
@Suite struct MadeBytesTests {
    private func make(
        _ count: Int, announced: Int? = nil, in directory: String = "/tmp", part: Int = 1000
    ) throws -> MappedFile {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        return try MappedFile.made(from: "source", count: announced ?? count, in: directory) {
            output throws(DalleError) in
            for start in stride(from: 0, to: count, by: part) {
                let piece = Array(bytes[start..<min(start + part, count)])
                try piece.span.bytes.withUnsafeBytes { piece throws(DalleError) in try output.append(piece) }
            }
        }
    }

    @Test(arguments: [0, 1, 999, MappedFile.maximumBytesInMemory, MappedFile.maximumBytesInMemory + 1, 3 << 20])
    func areThoseThatWereMade(_ count: Int) throws {
        let file = try make(count)
        #expect(file.count == count)
        #expect(file.path == "source")
        for _ in 0..<2 {
            let isRight = file.withUnsafeBytes(0..<count) { bytes in
                bytes.enumerated().allSatisfy { $1 == UInt8(truncatingIfNeeded: $0 &* 31) }
            }
            #expect(isRight)
            // Pages that are given back must come back.
            file.release(0..<count)
        }
    }

    @Test(arguments: [(5, 4), (4, 5), (2 << 20, 1 << 21 + 1), (1, 0)])
    func areAsManyAsWereAnnounced(_ count: Int, _ announced: Int) {
        let error = #expect(throws: DalleError.self) { try make(count, announced: announced) }
        #expect(error?.code == .fault)
    }

    @Test func leaveNoFileBehind() throws {
        let directory = try TemporaryDirectory()
        let file = try make(2 << 20, in: directory.url.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.url.path).isEmpty)
        #expect(file.count == 2 << 20)
        let absent = directory.path("absent")
        let error = #expect(throws: DalleError.self) { try make(2 << 20, in: absent) }
        #expect(error?.code == .cannotWrite)
        #expect(error?.message.contains("cannot be unpacked into \(absent)") == true)
        #expect(error?.remedy?.contains("TMPDIR") == true)
    }
}
