import DalleFormat
import TestSupport
import Testing

/// Numbers that are none or out of range, found while elements are copied or converted.
@Suite struct NumberFaultTests {
    private func first<Bits: BitwiseCopyable>(_ bits: [Bits], _ dtype: DType) -> Int? {
        bits.withUnsafeBytes { dtype.firstNonFinite($0) }
    }

    /// Against Swift's own types, for every pattern of 16 bits.
    @Test func everyPatternOfSixteenBitsIsTold() {
        for bits in UInt16.min...UInt16.max {
            #expect((first([bits], .float16) == nil) == Float16(bitPattern: bits).isFinite, "\(bits)")
            #expect((first([bits], .bfloat16) == nil) == Float(bitPattern: UInt32(bits) << 16).isFinite, "\(bits)")
        }
    }

    @Test func theFirstOneIsFoundWhereverItStands() {
        for bad in [Float.nan, .infinity, -.infinity, .signalingNaN] {
            for index in [0, 1, 15, 16, 63, 98, 99] {
                var floats = [Float](repeating: -.greatestFiniteMagnitude, count: 100)
                var doubles = [Double](repeating: .leastNonzeroMagnitude, count: 100)
                for i in index..<100 { (floats[i], doubles[i]) = (bad, Double(bad)) }
                #expect(first(floats, .float32) == index)
                #expect(first(doubles, .float64) == index)
            }
        }
        #expect(first([UInt32.max], .uint32) == nil && first([Float](), .float32) == nil)
    }

    private func cast(_ source: some TensorSource, _ dtype: DType, allows: Bool = false) throws -> (CastSource, [UInt8])
    {
        let cast = try CastSource(source, to: dtype, allowsNonFinite: allows)
        var bytes = [UInt8](repeating: 0, count: source.shape.byteCount(dtype))
        try bytes.withUnsafeMutableBytes { try cast.read(0..<source.shape.count, into: $0) }
        return (cast, bytes)
    }

    /// The bounds are IEEE 754's, as NumPy has them: what is halfway to the next power of two becomes infinite.
    @Test(arguments: [
        (Float(65519.996), DType.float16, true), (65520, .float16, false), (-1e5, .float16, false),
        (Float(bitPattern: 0x7F7F_7FFF), .bfloat16, true), (Float(bitPattern: 0x7F7F_8000), .bfloat16, false),
        (.greatestFiniteMagnitude, .float32, true), (.nan, .float32, false), (.infinity, .bfloat16, false),
        (-.infinity, .float16, false),
    ])
    func whatATypeCannotHoldIsRefused(_ value: Float, _ dtype: DType, _ fits: Bool) throws {
        var values = [Float](repeating: 1, count: 24)
        values[13] = value
        let source = MemorySource(values, [4, 2, 3])
        guard !fits else {
            _ = try cast(source, dtype)
            return
        }
        let error = #expect(throws: DalleError.self) { try cast(source, dtype) }
        #expect(error?.code == .badData && error?.message.hasPrefix("row 2 holds \(value), ") == true, "\(error!)")
        #expect(error?.message.contains("over the largest \(dtype.rawValue)") == value.isFinite, "\(error!)")
        let vector = #expect(throws: DalleError.self) { try cast(MemorySource(values, [24]), dtype) }
        #expect(vector?.message.hasPrefix("number 13 holds \(value), ") == true, "\(vector!)")
        _ = try cast(source, dtype, allows: true)
    }

    @Test func doublesAreRefusedAsTheyStand() throws {
        func source(_ value: Double) -> MemorySource {
            MemorySource(dtype: .float64, shape: [1, 2], bytes: [1, value].withUnsafeBytes { Array($0) })
        }
        for (value, dtype) in [(1e39, DType.float32), (1e300, .bfloat16), (7e4, .float16)] {
            let error = #expect(throws: DalleError.self) { try cast(source(value), dtype) }
            #expect(error?.message == "row 0 holds \(value), over the largest \(dtype.rawValue)")
        }
        let error = #expect(throws: DalleError.self) { try cast(source(.nan), .float32) }
        #expect(error?.message.contains("nan, where a finite number") == true)
        #expect(try cast(source(1e-50), .float32).0.vanished == 1)
        #expect(try cast(source(1e-9), .float16).0.vanished == 1)
        #expect(try cast(source(0), .float16).0.vanished == 0)
    }

    /// Counted against Swift's conversions.
    @Test func whatBecomesZeroIsCounted() throws {
        var generator = SeededGenerator(seed: 3)
        var values: [Float] = (0..<5000).map { _ in
            Float(
                sign: Bool.random(using: &generator) ? .plus : .minus,
                exponent: Int.random(in: -149...3, using: &generator), significand: 1)
        }
        values += [0, -0.0, 0x1p-25, 0x1.000002p-25, -0x1p-25, 0x1p-134]
        let source = MemorySource(values, try Shape([values.count]))
        #expect(try cast(source, .float16).0.vanished == values.count { $0 != 0 && Float16($0) == 0 })
        let (brain, bytes) = try cast(source, .bfloat16)
        let zeros = stride(from: 0, to: bytes.count, by: 2).count { bytes[$0] == 0 && bytes[$0 + 1] & 0x7F == 0 }
        #expect(brain.vanished == zeros - values.count { $0 == 0 } && brain.vanished > 0)
        #expect(try cast(source, .float32).0.vanished == 0)
    }

    @Test func theWorstIsSaidFirst() {
        var zeros = VanishedNumbers()
        #expect(zeros.notes.isEmpty)
        zeros.add(0, of: "none", 10, in: "float16")
        for i in 1...5 { zeros.add(i, of: "t\(i)", 100, in: "float16") }
        zeros.add(8, of: "all", 8, in: "float16")
        #expect(zeros.notes.count == 5 && zeros.notes[0] == "warning: all 8 numbers of 'all' become 0 in float16")
        #expect(zeros.notes[4] == "warning: 3 numbers of 2 other tensors become 0 as well", "\(zeros.notes)")
    }
}
