import TestSupport
import Testing

@testable import DalleFormat
@testable import DalleQuant

/// Rows as whole numbers with scales: exact bytes, errors, odd inputs.
@Suite struct RowCodecTests {
    /// All bytes of a tensor in its layout, read in pieces of some rows.
    private func bytes(_ tensor: PackedTensor, rowsAtATime: Int = 1) throws -> [UInt8] {
        try bytes(tensor, byteCount: rowsAtATime * tensor.packing.stride)
    }

    private func bytes(_ tensor: PackedTensor, byteCount: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for start in Swift.stride(from: 0, to: tensor.packing.byteCount, by: byteCount) {
            var part = [UInt8](repeating: 0xAA, count: min(byteCount, tensor.packing.byteCount - start))
            let range = start..<start + part.count
            try part.withUnsafeMutableBytes { try tensor.read(bytes: range, into: $0) }
            bytes += part
        }
        return bytes
    }

    private func pack(_ values: [Float], _ shape: Shape, _ codec: any RowCodec, threads: Int = 1) throws
        -> PackedTensor
    {
        let tensor = try PackedTensor(MemorySource(values, shape), codec)
        try tensor.rows.measure(threads: threads) { _ in }
        return tensor
    }

    @Test func theBytesOfInt8Rows() throws {
        // Halves of a step go to the even number; the third row is all zero.
        let rows: [Float] = [127, -127, 2.5, 3.5, 0.4] + [-254, 1, 3, 0, 5] + [0, 0, 0, -0.0, 0]
        let tensor = try pack(rows, [3, 5], Int8RowCodec())
        func row(_ numbers: [Int8]) -> [UInt8] {
            numbers.map { UInt8(bitPattern: $0) } + [UInt8](repeating: 0, count: 59)
        }
        let expected =
            row([127, -127, 2, 4, 0]) + row([-127, 0, 2, 0, 2]) + row([0, 0, 0, 0, 0])
            + littleEndian(Float(1).bitPattern)
            + littleEndian(Float(2).bitPattern) + littleEndian(Float(0).bitPattern)
        #expect(try bytes(tensor) == expected)
        #expect(try bytes(tensor, rowsAtATime: 2) == expected)
        #expect(tensor.packing.byteCount == expected.count && tensor.packing.layout == .int8Rows)
    }

    @Test func theBytesOfInt4Rows() throws {
        // The example of docs/FORMAT.md. Multipliers are −15, 1 and −2, so that 120, −8 and 16 become −8.
        var row = [Float](repeating: 0, count: 34)
        (row[0], row[1], row[16], row[32], row[33]) = (120, -105, -8, 16, -14)
        let tensor = try pack(row, [1, 34], Int4RowCodec())
        var expected = [UInt8](repeating: 0x88, count: 32)
        (expected[0], expected[1], expected[16]) = (0x00, 0xFF, 0x80)
        expected += [0x0F, 0x09]
        // The scale on the next multiple of 64.
        expected += [UInt8](repeating: 0, count: 30) + littleEndian(Float(1).bitPattern)
        #expect(try bytes(tensor) == expected)
        #expect(tensor.packing.layout == .int4Rows)
    }

    /// Widths and counts that are no multiples of anything; DALL·E mini's 2730 among them.
    @Test(arguments: [(1, 1), (3, 63), (5, 64), (2, 65), (7, 2730), (1, 31), (4, 33)])
    func errorsAreWithinHalfAStep(_ rows: Int, _ columns: Int) throws {
        var generator = SeededGenerator(seed: UInt64(columns))
        let values = (0..<rows * columns).map { _ in generator.normal() }
        let shape = try Shape([rows, columns])
        for (codec, steps) in [
            (Int8RowCodec() as any RowCodec, Float(127)), (Int4RowCodec(), 6),
        ] {
            let tensor = try pack(values, shape, codec)
            let restored = try decode(tensor)
            for row in 0..<rows {
                let range = row * columns..<(row + 1) * columns
                let largest = values[range].map(abs).max() ?? 0
                // With 4 bits the largest may be cut off, and the opposite end, 7, is a whole step away from 8.
                let bound = largest / steps * (steps > 8 ? 0.5001 : 1.002)
                for i in range { #expect(abs(values[i] - restored[i]) <= bound, "\(codec) \(i)") }
            }
        }
    }

    private func decode(_ tensor: PackedTensor) throws -> [Float] {
        let packing = tensor.packing
        let bytes = try bytes(tensor)
        return bytes.withUnsafeBytes { bytes in
            let scales = UnsafeRawBufferPointer(rebasing: bytes[packing.scalesOffset...])
            var floats = [Float](repeating: .nan, count: packing.rows * packing.columns)
            floats.withUnsafeMutableBufferPointer {
                packing.decode(0..<$0.count, values: bytes, scales: scales, firstRow: 0, into: $0)
            }
            return floats
        }
    }

    /// Rows with an outlier, as trained weights have them.
    @Test func whatIsReportedIsWhatAReaderFinds() throws {
        var generator = SeededGenerator(seed: 5)
        var values = (0..<64 * 500).map { _ in generator.normal() * 0.02 }
        for row in 0..<64 { values[row * 500 + row] *= 3 }
        for codec in [Int4RowCodec() as any RowCodec, Int8RowCodec()] {
            let tensor = try pack(values, [64, 500], codec)
            // What is reported is what a reader finds.
            let noise = zip(values, try decode(tensor)).reduce(0.0) {
                $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
            }
            #expect(abs(noise - tensor.rows.error.noise) < 1e-9 * noise)
            #expect(tensor.rows.error.sqnr > (codec is Int4RowCodec ? 21 : 38))
        }
    }

    /// With weights it is their error that is least, at the cost of the others.
    @Test func whatWeighsMoreHasLessError() throws {
        var generator = SeededGenerator(seed: 15)
        let values = (0..<32 * 256).map { _ in generator.normal() }
        let weights = (0..<256).map { Float($0 % 8 == 0 ? 20 : 1) }
        func errors(_ codec: Int4RowCodec) throws -> (weighted: Float, all: Float) {
            let restored = try decode(try pack(values, [32, 256], codec))
            return values.indices.reduce((0, 0)) {
                let square = (values[$1] - restored[$1]) * (values[$1] - restored[$1])
                return ($0.0 + weights[$1 % 256] * square, $0.1 + square)
            }
        }
        let (plain, weighted) = (try errors(Int4RowCodec()), try errors(Int4RowCodec(weights: weights)))
        #expect(weighted.weighted < 0.95 * plain.weighted && weighted.all > plain.all)
    }

    @Test func magnitudesAtTheEdges() throws {
        let tiny = Float.leastNonzeroMagnitude
        for codec in [Int8RowCodec() as any RowCodec, Int4RowCodec()] {
            // Subnormal numbers: a step is the smallest normal number, so they become 0 or near it.
            let subnormal = try decode(try pack([tiny, -tiny * 190, .leastNormalMagnitude], [1, 3], codec))
            for value in subnormal { #expect(abs(value) <= .leastNormalMagnitude) }
            #expect(try decode(try pack([0, -0.0, 0], [1, 3], codec)) == [0, 0, 0])
        }
        let huge: [Float] = [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1]
        for (codec, bound) in [(Int8RowCodec() as any RowCodec, Float(1e-5)), (Int4RowCodec(), 0.17)] {
            let restored = try decode(try pack(huge, [1, 3], codec))
            for (value, found) in zip(huge, restored) {
                #expect(abs(value / 2 - found / 2) <= bound * (.greatestFiniteMagnitude / 2), "\(codec) \(found)")
            }
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func whatIsNoNumberIsRefusedWithItsRow(_ value: Float) {
        var values = [Float](repeating: 1, count: 40)
        values[33] = value
        for codec in [Int8RowCodec() as any RowCodec, Int4RowCodec()] {
            let error = #expect(throws: DalleError.self) { try pack(values, [4, 10], codec) }
            #expect(error?.message.contains("row 3") == true, "\(String(describing: error))")
        }
    }

    /// `Int8RowCodec` and `Int4RowCodec` against `PlainInt8RowCodec` and `PlainInt4RowCodec`: the same bytes, halves of a
    /// step, rows of zeros and numbers of all sizes included.
    @Test(arguments: [1, 16, 31, 33, 64, 100, 300, 2730]) func theBytesAreThoseOfThePlainTwins(_ columns: Int) throws {
        var generator = SeededGenerator(seed: UInt64(columns))
        var values: [Float] = []
        for row in 0..<24 {
            let size = Float(sign: .plus, exponent: row % 12 * 3 - 24, significand: 1)
            values += (0..<columns).map { _ in row == 5 ? 0 : generator.normal() * size }
        }
        values += (0..<columns).map { Float($0 % 255 - 127) / 2 }
        values += (0..<columns).map { $0 % 32 == 3 ? -16 : Float($0 % 31 - 15) }
        let rows = values.count / columns
        let weights = (0..<columns).map { _ in abs(generator.normal()) + 0.01 }
        for (codec, plain) in [
            (Int8RowCodec() as any RowCodec, PlainInt8RowCodec() as any PlainCodec),
            (Int4RowCodec(), PlainInt4RowCodec()),
            (Int4RowCodec(weights: weights), PlainInt4RowCodec(weights: weights)),
        ] {
            let tensor = try pack(values, try Shape([rows, columns]), codec)
            let parts = (0..<rows).map { plain.pack(Array(values[$0 * columns..<($0 + 1) * columns])) }
            let bytes = parts.flatMap(\.values)
            let gap = [UInt8](repeating: 0, count: tensor.packing.scalesOffset - bytes.count)
            #expect(try self.bytes(tensor, rowsAtATime: 5) == bytes + gap + parts.flatMap(\.scales), "\(codec)")
        }
    }

    /// `RowError` against sums in order.
    @Test(arguments: [1, 7, 8, 9, 2730]) func errorsAreThoseOfPlainSums(_ count: Int) {
        var generator = SeededGenerator(seed: 9)
        let values = (0..<count).map { _ in generator.normal() }
        let restored = values.map { $0 + generator.normal() * 0.01 }
        let error = values.withUnsafeBufferPointer { a in restored.withUnsafeBufferPointer { RowError(a, $0) } }
        var (signal, noise, square) = (0.0, 0.0, 0.0)
        for (x, y) in zip(values.map { Double($0) }, restored.map { Double($0) }) {
            signal += x * x
            noise += (x - y) * (x - y)
            square += y * y
        }
        for (found, expected) in [(error.signal, signal), (error.noise, noise), (error.restored, square)] {
            #expect(abs(found - expected) <= 1e-12 * expected)
        }
    }

    /// Pieces of rows, as of a row larger than a chunk: the same bytes, and the same errors.
    @Test func rowsAreReadInParts() throws {
        var generator = SeededGenerator(seed: 13)
        let values = (0..<9 * 333).map { _ in generator.normal() }
        for codec in [Int8RowCodec() as any RowCodec, Int4RowCodec()] {
            let whole = try pack(values, [9, 333], codec)
            let parts = try PackedTensor(MemorySource(values, [9, 333]), codec)
            #expect(try bytes(whole) == bytes(parts, byteCount: 100))
            #expect(whole.rows.error == parts.rows.error)
        }
    }

    /// More rows than are read at a time.
    @Test func theBytesDoNotDependOnThreads() throws {
        var generator = SeededGenerator(seed: 11)
        let row = (0..<5000).map { _ in generator.normal() }
        let values = (0..<230).flatMap { number in row.map { $0 * Float(number % 17) } }
        for codec in [Int8RowCodec() as any RowCodec, Int4RowCodec()] {
            let one = try pack(values, [230, 5000], codec), four = try pack(values, [230, 5000], codec, threads: 4)
            #expect(try bytes(one) == bytes(four, rowsAtATime: 71))
            #expect(one.rows.error == four.rows.error)
        }
    }

    /// The hash was taken on x86-64; every machine must come to the same.
    @Test func theBytesAreTheSameEverywhere() throws {
        var generator = SeededGenerator(seed: 12)
        let values = (0..<40 * 100).map { _ in generator.normal() }
        let found = try [
            Int8RowCodec() as any RowCodec, Int4RowCodec(),
        ].map { Digest(of: try bytes(try pack(values, [40, 100], $0))).description }
        #expect(found == ["0dfe694a3aa276abc15000453b914608", "cb374e0ac7e0ad247bf5c289bb127c04"])
    }
}
