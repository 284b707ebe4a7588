import DalleFormat
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

@Suite struct MessagePackTests {
    private func parse(_ bytes: [UInt8], limits: MessagePack.Limits = .init()) throws(DalleError) -> MessagePack {
        try MessagePack(bytes.span, limits: limits)
    }

    @Test func everyArrayFlaxCanWriteIsRead() throws {
        let file = try MappedFile(Fixtures.path("flax/msgpack_cases.msgpack"))
        let expected = try #require(
            try JSONSerialization.jsonObject(with: Fixtures.data("flax/msgpack_cases.json")) as? [String: Any])
        guard case .map(let entries) = try MessagePack(file.bytes) else {
            Issue.record("no map")
            return
        }
        var arrays = 0
        for entry in entries {
            let want = try #require(expected[entry.key] as? [String: Any], "\(entry.key)")
            guard entry.key != "nested", entry.key != "many" else { continue }
            let tensor = try FlaxTree.tensor(entry.value, name: entry.key, in: file)
            #expect(tensor.dtype.rawValue == want["dtype"] as? String)
            #expect(tensor.shape.extents == want["shape"] as? [Int])
            var bytes = [UInt8](repeating: 0, count: tensor.shape.byteCount(tensor.dtype))
            try bytes.withUnsafeMutableBytes { try tensor.read(0..<tensor.shape.count, into: $0) }
            #expect(bytes.map { String(format: "%02x", $0) }.joined() == want["bytes"] as? String, "\(entry.key)")
            arrays += 1
        }
        #expect(arrays == expected.count - 2)
    }

    @Test func everyOtherValueIsRead() throws {
        let file = try MappedFile(Fixtures.path("flax/msgpack_cases.msgpack"))
        guard case .map(let entries) = try MessagePack(file.bytes),
            case .map(let nested)? = entries.first(where: { $0.key == "nested" })?.value,
            case .map(let many)? = entries.first(where: { $0.key == "many" })?.value
        else {
            Issue.record("no maps")
            return
        }
        let values = Dictionary(uniqueKeysWithValues: nested.map { ($0.key, $0.value) })
        #expect(values["int"] == .integer(7))
        #expect(values["neg"] == .integer(-40000))
        #expect(values["big"] == .integer(1 << 40))
        #expect(values["float"] == .number(0.25))
        #expect(values["true"] == .bool(true))
        #expect(values["none"] == .null)
        #expect(values["text"] == .text(String(repeating: "é", count: 40)))
        #expect(values["list"] == .list([.integer(1), .integer(2)]))
        #expect(many.count == 17)
    }

    @Test(
        arguments: [
            ([0x07], MessagePack.integer(7)), ([0xFF], .integer(-1)), ([0xCC, 0xFF], .integer(255)),
            ([0xCD, 0x01, 0x00], .integer(256)), ([0xCE, 0xFF, 0xFF, 0xFF, 0xFF], .integer(4_294_967_295)),
            ([0xD0, 0x80], .integer(-128)), ([0xD1, 0x80, 0x00], .integer(-32768)),
            ([0xD2, 0x80, 0, 0, 0], .integer(-2_147_483_648)), ([0xD3, 0x80, 0, 0, 0, 0, 0, 0, 0], .integer(Int.min)),
            ([0xCA, 0x3F, 0x80, 0, 0], .number(1)), ([0xDC, 0, 1, 0xC0], .list([.null])),
            ([0xDE, 0, 1, 0xA1, 0x61, 0xC2], .map([.init(key: "a", value: .bool(false))])),
            ([0xD9, 1, 0x61], .text("a")), ([0xC4, 2, 9, 9], .binary(2..<4)), ([0xD4, 5, 0], .ext(type: 5, 2..<3)),
            ([0xC7, 0, 0xFF], .ext(type: -1, 3..<3)),
        ] as [([UInt8], MessagePack)])
    func encodings(_ bytes: [UInt8], _ value: MessagePack) throws {
        #expect(try parse(bytes) == value)
        for count in 0..<bytes.count {
            #expect(throws: DalleError.self, "\(count) bytes of \(bytes)") { try parse(Array(bytes.prefix(count))) }
        }
        #expect(throws: DalleError.self) { try parse(bytes + [0]) }
    }

    @Test(
        arguments: [
            ([0xC1], "starts no MessagePack value"), ([0xCF, 0xFF, 0, 0, 0, 0, 0, 0, 0], "over 2^63"),
            ([0x81, 0x01, 0x01], "key that is no text"), ([0x82, 0xA1, 0x61, 1, 0xA1, 0x61, 1], "twice"),
            ([0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 0], "items are declared"),
            ([0xC6, 0x7F, 0xFF, 0xFF, 0xFF], "are declared"),
            ([0xA1, 0xFF], "not UTF-8"),
        ] as [([UInt8], String)])
    func badBytesAreRefused(_ bytes: [UInt8], _ text: String) {
        let error = #expect(throws: DalleError.self) { try parse(bytes) }
        #expect(error?.code == .badData && error?.description.contains(text) == true, "\(String(describing: error))")
        #expect(error?.offset != nil)
    }

    @Test func depthAndCountAreBounded() {
        let deep = [UInt8](repeating: 0x91, count: 100_000) + [0xC0]
        #expect(throws: DalleError.self) { try parse(deep) }
        let wide = [0xDD, 0, 0x20, 0, 0] + [UInt8](repeating: 0xC0, count: 0x20_0000)
        #expect(throws: DalleError.self) { try parse(wide) }
    }
}
