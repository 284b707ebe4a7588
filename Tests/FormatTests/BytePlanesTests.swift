import TestSupport
import Testing

@testable import DalleFormat

/// The byte planes' vectorised loops against their plain twins, and the chunks made of them.
@Suite struct BytePlanesTests {
    private static func bytes(_ count: Int, seed: UInt64 = 5) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    @Test(arguments: [1, 2, 4, 8], [false, true])
    func splitAndJoinAreTheirPlainTwins(_ planes: Int, _ movesSign: Bool) {
        for count in [0, 1, 15, 16, 1000] {
            let source = Self.bytes(count * planes)
            var fast = [UInt8](repeating: 0, count: source.count), plain = fast
            var back = fast, plainBack = fast
            source.withUnsafeBytes { source in
                fast.withUnsafeMutableBytes {
                    BytePlanes.split(source, planes: planes, movesSign: movesSign, into: $0)
                }
                plain.withUnsafeMutableBytes { target in
                    guard let target = target.baseAddress else { return }
                    BytePlanes.Plain.split(source, planes: planes, movesSign: movesSign, into: target)
                }
            }
            #expect(fast == plain)
            fast.withUnsafeBytes { split in
                guard let base = split.baseAddress else { return }
                let sources = (0..<planes).map { base + $0 * count }
                back.withUnsafeMutableBytes { BytePlanes.join(sources, movesSign: movesSign, into: $0) }
                plainBack.withUnsafeMutableBytes { BytePlanes.Plain.join(sources, movesSign: movesSign, into: $0) }
            }
            #expect(back == source && plainBack == source)
        }
    }

    @Test func theExponentHasAPlaneToItself() {
        // −1.5: sign 1, exponent 127, mantissa 0x400000.
        let source = withUnsafeBytes(of: Float(-1.5).bitPattern.littleEndian) { Array($0) }
        var planes = [UInt8](repeating: 0, count: 4)
        source.withUnsafeBytes { source in
            planes.withUnsafeMutableBytes { BytePlanes.split(source, planes: 4, movesSign: true, into: $0) }
        }
        #expect(planes == [1, 0, 0x80, 127])
    }

    /// Values of every kind that occurs: weights, constants, tables, noise.
    private static let contents: [(DType, [UInt8])] = {
        var generator = SeededGenerator(seed: 6)
        let weights = (0..<50000).map { _ in generator.normal() * 0.02 }.withUnsafeBytes { Array($0) }
        let table = (0..<20000).flatMap { i in withUnsafeBytes(of: UInt32(i / 3).littleEndian) { Array($0) } }
        return [
            (.float32, weights), (.bfloat16, weights), (.float16, weights), (.uint32, table), (.uint8, table),
            (.float64, weights), (.float32, [UInt8](repeating: 0, count: 40000)), (.float32, bytes(40000)),
            (.uint8, Array("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".utf8)), (.float16, [1, 2]),
        ]
    }()

    @Test(arguments: [-5, 1, 3, 19])
    func whatIsEncodedIsDecoded(_ level: Int) throws {
        for (dtype, bytes) in Self.contents {
            let codec = try ChunkCodec(chunkByteCount: bytes.count, encodes: true)
            let decoder = try ChunkCodec(chunkByteCount: bytes.count, encodes: false)
            try bytes.withUnsafeBytes { bytes in
                let (encoding, encoded) = try codec.encode(
                    bytes, Chunk.Encoding(planesOf: dtype), compression: .zstd(level: level))
                #expect(encoded.count <= bytes.count)
                #expect((encoding == .stored) == (encoded.count == bytes.count))
                var decoded = [UInt8](repeating: 0, count: bytes.count)
                try decoded.withUnsafeMutableBytes { try decoder.decode(encoded, encoding, into: $0) }
                #expect(decoded.elementsEqual(bytes), "\(dtype)")
            }
        }
    }

    /// Within 1 % of what the frequencies of the bytes of each plane allow.
    @Test func weightsShrinkToTheEntropyOfTheirPlanes() throws {
        for (dtype, bytes) in Self.contents.prefix(2) {
            let size = dtype.byteCount
            var bound = 0.0
            for plane in 0..<size {
                var counts = [Double](repeating: 0, count: 256)
                for i in stride(from: plane, to: bytes.count, by: size) { counts[Int(bytes[i])] += 1 }
                let total = Double(bytes.count / size)
                for count in counts where count > 0 { bound -= count * Self.log2(count / total) / 8 }
            }
            let codec = try ChunkCodec(chunkByteCount: bytes.count, encodes: true)
            let count = try bytes.withUnsafeBytes {
                try codec.encode($0, Chunk.Encoding(planesOf: dtype), compression: .zstd(level: 3)).1.count
            }
            #expect(Double(count) < 1.01 * bound, "\(dtype): \(count) bytes, entropy \(bound)")
        }
    }

    private static func log2(_ x: Double) -> Double {
        // Series of the logarithm, to do without a mathematics library.
        let mantissa = x.significand
        let z = (mantissa - 1) / (mantissa + 1)
        let terms = (0..<40).reduce(0.0) { sum, i in sum + power(z, 2 * i + 1) / Double(2 * i + 1) }
        return Double(x.exponent) + 2 * terms / 0.693147180559945309
    }

    private static func power(_ x: Double, _ n: Int) -> Double { (0..<n).reduce(1.0) { product, _ in product * x } }

    @Test func damagedChunksAreRefused() throws {
        let (dtype, bytes) = Self.contents[0]
        let codec = try ChunkCodec(chunkByteCount: bytes.count, encodes: true)
        let (encoding, encoded) = try bytes.withUnsafeBytes {
            let (encoding, encoded) = try codec.encode(
                $0, Chunk.Encoding(planesOf: dtype), compression: .zstd(level: 3))
            return (encoding, Array(encoded))
        }
        let decoder = try ChunkCodec(chunkByteCount: bytes.count, encodes: false)
        var target = [UInt8](repeating: 0, count: bytes.count)
        func isRefused(_ encoded: [UInt8], _ count: Int) -> Bool {
            do {
                try encoded.withUnsafeBytes { encoded in
                    try target.withUnsafeMutableBytes {
                        try decoder.decode(
                            encoded, encoding, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<count]))
                    }
                }
                return false
            } catch { return true }
        }
        #expect(!isRefused(encoded, bytes.count))
        for length in [0, 1, 15, 16, 17, encoded.count / 2, encoded.count - 1] {
            #expect(isRefused(Array(encoded.prefix(length)), bytes.count))
        }
        #expect(isRefused(encoded + [0], bytes.count))
        #expect(isRefused(encoded, bytes.count - 4) && isRefused(encoded, bytes.count - 1))
        for byte in 0..<16 {
            for bit in 0..<8 {
                var damaged = encoded
                damaged[byte] ^= 1 << UInt8(bit)
                #expect(isRefused(damaged, bytes.count), "bit \(bit) of byte \(byte)")
            }
        }
    }
}
