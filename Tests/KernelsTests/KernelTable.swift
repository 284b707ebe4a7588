import CKernels
import DalleKernels
import Testing
import TileModel

/// The kernels of one instruction set, to be called directly.
struct KernelTable: @unchecked Sendable, CustomTestStringConvertible {
    let name: String
    let kernels: ck_kernels

    var testDescription: String { name }

    /// Those of all instruction sets of this machine, plain loops first, and AMX by a model of its instructions.
    static let withScalar: [KernelTable] = {
        var levels: [KernelTable] = []
        while let table = ck_instruction_set(levels.count) {
            levels.append(KernelTable(name: String(cString: table.pointee.name), kernels: table.pointee))
        }
        if let model = tile_model(), levels.contains(where: { $0.name == "avx512" }) {
            levels.append(KernelTable(name: "amx (modelled)", kernels: model.pointee))
        }
        return levels
    }()

    /// Without the plain loops.
    static let all = Array(withScalar.dropFirst())
}

@Suite struct KernelTableTests {
    @Test func instructionSetsThatAreTestedArePrinted() {
        let missing = Kernels.missing
        print("Kernels tested: \(KernelTable.withScalar.map(\.name).joined(separator: ", "))")
        if !missing.isEmpty {
            print("Kernels skipped, not supported by this processor or system: \(missing.joined(separator: ", "))")
        }
        #expect(Kernels.levels.count + missing.count == ck_instruction_set_count())
        #expect(Kernels.levels.first?.name == "scalar")
    }

    /// `Kernels.scalar` is the reference table.
    @Test func kernelNamesAreDistinct() {
        #expect(Set((Kernels.levels.map(\.name) + Kernels.missing)).count == ck_instruction_set_count())
        #expect(Kernels.scalar.name == "scalar")
    }

    /// The probes of peak bandwidth and arithmetic.
    @Test(arguments: KernelTable.withScalar) func peakProbesMeasureSomething(_ level: KernelTable) {
        var random = RandomNumbers(seed: 1)
        for count in [64, 128, 1024] {
            let row = random.floats(count), x = Guarded(row)
            let sum = row.reduce(0) { $0 + Double($1) }, size = row.reduce(0) { $0 + Double(abs($1)) }
            #expect(abs(Double(level.kernels.read(count, x.start)) - sum) <= 1e-6 * size)
        }
        var (float, whole) = (1 as Float, 0x0102_0304 as Int32)
        let products = level.kernels.peak_flops_f32(10, &float)
        #expect(products > 0 && products % 160 == 0)
        #expect(level.kernels.peak_flops_i8(10, &whole) >= 10)
    }
}
