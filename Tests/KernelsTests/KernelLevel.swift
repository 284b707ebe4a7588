import CKernels
import DalleKernels
import Testing
import TileModel

/// One table of kernels.
struct KernelLevel: @unchecked Sendable, CustomTestStringConvertible {
    let name: String
    let kernels: ck_kernels

    var testDescription: String { name }

    /// What this machine has, the plain loops first, and tiles by a model of their instructions.
    static let withScalar: [KernelLevel] = {
        var levels: [KernelLevel] = []
        while let table = ck_level(levels.count) {
            levels.append(KernelLevel(name: String(cString: table.pointee.name), kernels: table.pointee))
        }
        if let model = tile_model(), levels.contains(where: { $0.name == "avx512" }) {
            levels.append(KernelLevel(name: "amx (modelled)", kernels: model.pointee))
        }
        return levels
    }()

    /// Those whose plain twin the first is.
    static let all = Array(withScalar.dropFirst())
}

@Suite struct KernelLevelTests {
    @Test func whatIsTestedIsSaid() {
        let missing = Kernels.missing
        print("Kernels tested: \(KernelLevel.withScalar.map(\.name).joined(separator: ", "))")
        if !missing.isEmpty {
            print("Kernels skipped, since this processor or system has them not: \(missing.joined(separator: ", "))")
        }
        #expect(Kernels.levels.count + missing.count == ck_level_count())
        #expect(Kernels.levels.first?.name == "scalar")
    }

    /// `Kernels.scalar` is the table that the others are held against.
    @Test func namesAreDistinct() {
        #expect(Set((Kernels.levels.map(\.name) + Kernels.missing)).count == ck_level_count())
        #expect(Kernels.scalar.name == "scalar")
    }

    /// What the machine is held against.
    @Test(arguments: KernelLevel.withScalar) func limitsAreMeasured(_ level: KernelLevel) {
        var random = RandomNumbers(seed: 1)
        for count in [64, 128, 1024] {
            let row = random.floats(count), x = Guarded(row)
            let sum = row.reduce(0) { $0 + Double($1) }, size = row.reduce(0) { $0 + Double(abs($1)) }
            #expect(abs(Double(level.kernels.read(count, x.start)) - sum) <= 1e-6 * size)
        }
        var (float, whole) = (1 as Float, 0x0102_0304 as Int32)
        let products = level.kernels.spin_f32(10, &float)
        #expect(products > 0 && products % 160 == 0)
        #expect(level.kernels.spin_i8(10, &whole) >= 10)
    }
}
