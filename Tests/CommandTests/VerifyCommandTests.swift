import Foundation
import TestSupport
import Testing

@Suite struct VerifyCommandTests {
    private let directory: TemporaryDirectory
    private static let variant = Fixtures.path("flax/checkpoints/mega-like")

    init() throws {
        directory = try TemporaryDirectory()
        let command = try Command("dalle-convert", ["flax", Self.variant, "-o", directory.path("mega.model")])
        #expect(command.status == 0, "\(command.error)")
    }

    private func verify(_ arguments: String...) throws -> Command {
        try Command("dalle-run", ["verify"] + arguments, in: directory.url)
    }

    @Test func agreementIsReported() throws {
        let command = try verify("mega.model", "--reference", "\(Self.variant)/expected.npz", "--json")
        #expect(command.status == 0, "\(command.error)")
        let report = try command.json()
        #expect(report["pass"] as? Bool == true)
        let checks = try #require(report["checks"] as? [[String: Any]])
        let names = checks.compactMap { $0["name"] as? String }
        #expect(names.contains("logits") && names.contains("sample_key3_c3_t0.7_k20_p0.9"))
        for check in checks { #expect(check["bound"] is Double && check["pass"] as? Bool == true) }
    }

    @Test func aDifferenceFails() throws {
        // The reference of a model with other weights of the same sizes: what was computed in bfloat16.
        let other = Fixtures.path("flax/checkpoints/mega-like-bf16/expected.npz")
        let command = try verify("mega.model", "--reference", other, "--json")
        #expect(try command.status == 1 && command.json()["pass"] as? Bool == false)
        #expect(try verify("mega.model", "--reference", other).output.contains("FAIL"))
    }

    @Test func theBoundIsKept() throws {
        let reference = "\(Self.variant)/expected.npz"
        #expect(try verify("mega.model", "--reference", reference, "--bound", "1e-9").status == 1)
        #expect(try verify("mega.model", "--reference", reference, "--bound", "1e-2").status == 0)
    }

    @Test func boundsAreNumbers() throws {
        let reference = "\(Self.variant)/expected.npz"
        #expect(try verify("mega.model", "--reference", reference, "--bound", "nan").status == 64)
        #expect(try verify("mega.model", "--against", "mega.model", "--max-kl", "nan").status == 64)
    }

    @Test func aFileAgainstItselfKeepsTheBoundsOfItsType() throws {
        let command = try verify("mega.model", "--against", "mega.model", "--pictures", "1")
        #expect(command.status == 0 && command.output.contains("have bounds and keep them"), "\(command.output)")
        #expect(command.output.contains("≤ 1e-06") && command.output.contains("those of float32"))
    }

    @Test(arguments: [
        ("more_unconditional.npz", "'logits_uncond': is of 2 prompts, where there are codes of 1"),
        ("many_empty.npz", "'input_ids_norm': has shape [1125899906842624, 0]"),
        ("other_ids.npz", "the token id 1073741824 is not among"),
    ])
    func aHostileReferenceIsRefused(_ name: String, _ message: String) throws {
        let command = try verify("mega.model", "--reference", Fixtures.path("hostile/Reference/\(name)"))
        #expect(command.status == 65 && command.error.contains(message), "\(command.error)")
    }

    @Test func aReferenceOfSomethingElseIsRefused() throws {
        let vqgan = try verify("mega.model", "--reference", Fixtures.path("torch/vqgan_small_f16.npz"))
        #expect(vqgan.status == 66 && vqgan.error.contains("VQGAN"), "\(vqgan.error)")
        let sampling = try verify("mega.model", "--reference", Fixtures.path("flax/sampling_cases.npz"))
        #expect(sampling.status == 65 && sampling.error.contains("sampling_cases.npz"), "\(sampling.error)")
        #expect(try verify("mega.model", "--reference", "nowhere.npz").status == 66)
        #expect(try verify("mega.model", "--reference", "mega.model").status == 65)
    }
}
