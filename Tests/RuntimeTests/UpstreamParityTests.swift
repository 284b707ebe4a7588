import DalleConvert
import DalleFormat
import DalleRuntime
import DalleVerification
import Foundation
import TestSupport
import Testing

/// Every genuine tiny checkpoint against what upstream's own code computed from it.
@Suite struct UpstreamParityTests {
    static let variants =
        ((try? FileManager.default.contentsOfDirectory(atPath: Fixtures.path("flax/checkpoints"))) ?? []).sorted()

    /// Prompts with one condition scale and one without, at least.
    private static let sequences: Set<String> = [
        "greedy_c1", "greedy_c10", "greedy_c1_uncached", "greedy_c10_uncached",
    ]

    @Test func allVariantsAreThere() { #expect(Self.variants.count >= 25) }

    @Test(arguments: variants)
    func statesLogitsAndCodesAreUpstreams(_ variant: String) throws {
        let directory = try TemporaryDirectory()
        let source = Fixtures.path("flax/checkpoints/\(variant)")
        let path = directory.path("model.dalle")
        _ = try ModelAssembly().write(
            [try DalleBartImport.read(source, configuration: nil)], to: path, step: "test")
        let report = try Verification.run(
            try DalleModel(path), against: try Reference("\(source)/expected.npz"), ComputeContext(.reference))
        for check in report.checks {
            #expect(check.pass, "\(variant) \(check.name): max abs \(check.maxAbs), equal \(check.equal)")
        }
        let names = Set(report.checks.map(\.name))
        #expect(names.isSuperset(of: ["encoder_last_hidden_state", "encoder_last_hidden_state_uncond", "logits"]))
        #expect(names.intersection(Self.sequences).count == 2)
        let worst = report.checks.filter { $0.cosine != nil }.map(\.maxAbs).max() ?? .nan
        print("\(variant): \(report.checks.count) arrays, worst difference \(worst)")
        for skip in report.skipped where !skip.name.hasPrefix("trace.") {
            print("  not checked: \(skip.name): \(skip.reason)")
        }
    }
}
