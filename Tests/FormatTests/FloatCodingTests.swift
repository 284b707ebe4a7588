import DalleFormat
import TestSupport
import Testing

/// The bit arithmetic against Swift's own conversions, which are its plain twin.
@Suite struct FloatCodingTests {
    private func decode(_ bits: [UInt16], _ dtype: DType) throws -> [Float] {
        var floats = [Float](repeating: 0, count: bits.count)
        var target = floats.mutableSpan
        try dtype.decodeFloats(bits.span.bytes, into: &target)
        return floats
    }

    private func encode(_ floats: [Float], _ dtype: DType) throws -> [UInt16] {
        var bits = [UInt16](repeating: 0, count: floats.count)
        var span = bits.mutableSpan
        var target = span.mutableBytes
        try dtype.encodeFloats(floats.span, into: &target)
        return bits
    }

    @Test func everyHalfDecodesAsSwiftDoes() throws {
        let bits = Array(UInt16.min...UInt16.max)
        for (bits, value) in zip(bits, try decode(bits, .float16)) {
            let expected = Float(Float16(bitPattern: bits))
            #expect(value == expected && value.sign == expected.sign || value.isNaN && expected.isNaN, "\(bits)")
        }
    }

    @Test func everyHalfSurvivesTheWayBack() throws {
        let bits = (UInt16.min...UInt16.max).filter { !Float16(bitPattern: $0).isNaN }
        #expect(try encode(try decode(bits, .float16), .float16) == bits)
    }

    @Test func halvesRoundToNearestEven() throws {
        var generator = SeededGenerator(seed: 7)
        var floats = (0..<200_000).map { _ in Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator)) }
        floats += (0..<100_000).map { _ in Float.random(in: -1e-4...1e-4, using: &generator) }
        // Halfway cases: a half plus half of its last place.
        floats += (0..<30000).map { Float(Float16(bitPattern: UInt16($0))).nextUp }
        floats += stride(from: UInt32(0x3800_0000), to: 0x4780_0000, by: 0x1000).map { Float(bitPattern: $0) }
        floats += [65519.99, 65520, 65504, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude]
        for (value, bits) in zip(floats, try encode(floats, .float16)) where !value.isNaN {
            #expect(bits == Float16(value).bitPattern, "\(value)")
        }
        #expect(Float16(bitPattern: try encode([.nan], .float16)[0]).isNaN)
    }

    @Test func bfloatsAreUpperHalvesRoundedToEven() throws {
        let cases: [(Float, UInt16)] = [
            (1, 0x3F80), (Float(bitPattern: 0x3F80_8000), 0x3F80), (Float(bitPattern: 0x3F81_8000), 0x3F82),
            (Float(bitPattern: 0x3F80_8001), 0x3F81), (.greatestFiniteMagnitude, 0x7F80), (-.infinity, 0xFF80),
        ]
        #expect(try encode(cases.map(\.0), .bfloat16) == cases.map(\.1))
        #expect(try decode([0x3F80, 0xC040, 0x7F80], .bfloat16) == [1, -3, .infinity])
        #expect(try decode(try encode([.nan], .bfloat16), .bfloat16)[0].isNaN)
    }

    @Test func wrongLengthsAndTypesAreRefused() throws {
        var floats: [Float] = [0, 0]
        #expect(throws: DalleError.self) {
            var target = floats.mutableSpan
            try DType.float16.decodeFloats([UInt16(0)].span.bytes, into: &target)
        }
        #expect(throws: DalleError.self) {
            var target = floats.mutableSpan
            try DType.int32.decodeFloats([Int32(0), 0].span.bytes, into: &target)
        }
    }
}
