import DalleConvert
import DalleFormat
import DalleKernels
import DalleRuntime
import DalleVerification
import Foundation
import TestSupport
import Testing

/// The fast route against what upstream's own code computed, and against itself in other circumstances. Its plain twin,
/// the reference route, is held against the same arrays in `UpstreamParityTests`.
@Suite struct FastRouteTests {
    @Test(arguments: UpstreamParityTests.variants)
    func statesLogitsAndCodesAreUpstreams(_ variant: String) throws {
        let directory = try TemporaryDirectory()
        let source = Fixtures.path("flax/checkpoints/\(variant)")
        let path = directory.path("model.dalle")
        _ = try ModelAssembly().write(
            [try DalleBartImport.read(source, configuration: nil)], to: path, step: "test")
        let report = try Verification.run(
            try ModelFile(path), against: try Reference("\(source)/expected.npz"), ComputeContext(.fast, threads: 2))
        for check in report.checks {
            #expect(check.pass, "\(variant) \(check.name): max abs \(check.maxAbs), equal \(check.equal)")
        }
    }
}
