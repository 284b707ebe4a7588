import DalleFormat
import Foundation
import TestSupport
import Testing

/// `dalle-quant` and `dalle-run verify --against` as a user runs them.
@Suite struct QuantCommandTests {
    private let directory: TemporaryDirectory
    private static let source = Fixtures.path("flax/checkpoints/mini-like")

    init() throws {
        directory = try TemporaryDirectory()
        let vqgan = Fixtures.path("torch/vqgan_flax")
        let command = try Command(
            "dalle-convert", ["flax", Self.source, "--vqgan", vqgan, "-o", directory.path("mini.dalle"), "--quiet"])
        #expect(command.status == 0, "\(command.error)")
    }

    private func quant(_ arguments: String...) throws -> Command {
        try Command("dalle-quant", arguments, in: directory.url)
    }

    @Test func everyNumberIsReported() throws {
        let command = try quant("--int8", "mini.dalle", "--json", "--report", "report.json")
        #expect(command.status == 0, "\(command.error)")
        #expect(directory.contents == ["mini-int8.dalle", "mini.dalle", "report.json"])
        let json = try command.json()
        let tensors = try #require(json["tensors"] as? [[String: Any]])
        let file = try ModelFile(directory.path("mini-int8.dalle"))
        #expect(tensors.count == file.tensors.count && json["bytes"] as? Int == file.byteCount)
        for tensor in tensors where tensor["after"] as? String == "int8" {
            #expect(tensor["sqnr"] is Double && tensor["worst_row"] is Int && tensor["cosine"] is Double)
        }
        #expect(tensors.contains { $0["after"] as? String == "int8" })
        #expect(command.error.contains("SQNR") && command.error.contains("worst tensors"))
        let written = try JSONSerialization.jsonObject(
            with: Data(contentsOf: directory.url.appending(path: "report.json")))
        #expect((written as? NSDictionary) == json as NSDictionary)
    }

    @Test func theModelIsInTheReport() throws {
        let command = try quant("--int8", "mini.dalle", "--compare", "--json")
        let model = try #require(try command.json()["model"] as? [String: Any])
        #expect(command.status == 0 && model["mean_kl"] is Double && model["psnr"] is Double, "\(command.error)")
        // The route that draws is what is measured.
        func divergence(_ route: String?) throws -> Double? {
            let arguments = ["verify", "mini-int8.dalle", "--against", "mini.dalle", "--json"]
            let command = try Command(
                "dalle-run", arguments + (route.map { ["--route", $0] } ?? []), in: directory.url)
            return try command.json()["mean_kl"] as? Double
        }
        #expect(try model["mean_kl"] as? Double == divergence(nil))
        let plain = try quant("--int8", "mini.dalle", "--compare", "--json", "--force", "--route", "reference")
        let reference = try #require(try plain.json()["model"] as? [String: Any])
        #expect(try reference["mean_kl"] as? Double == divergence("reference"))
        #expect(reference["mean_kl"] as? Double != model["mean_kl"] as? Double)
    }

    @Test func aDryRunGivesReasons() throws {
        let command = try quant(
            "--int4", "mini.dalle", "--dry-run", "--keep", "decoder.logits=int8", "--keep", "^vqgan")
        #expect(command.status == 0 && command.output.contains("would write mini-int4.dalle"), "\(command.error)")
        #expect(command.error.contains("--keep ^vqgan") && command.error.contains("→ int8"))
        let measured = try quant("--int4", "mini.dalle", "--dry-run", "--min-sqnr", "5", "--json")
        #expect(try measured.status == 0 && measured.json()["bits_per_weight_after"] is Double)
        #expect(directory.contents == ["mini.dalle"])
    }

    @Test func theGateExitsWithOne() throws {
        let command = try quant("--int8", "mini.dalle", "--min-sqnr", "80")
        #expect(command.status == 1 && command.error.contains("under 80.0 dB"), "\(command.error)")
        #expect(directory.contents == ["mini.dalle"])
    }

    @Test func promptsWeighTheErrors() throws {
        let demo = ["flax", Fixtures.path("demo/dalle"), "-o", directory.path("demo.dalle"), "--quiet"]
        #expect(try Command("dalle-convert", demo).status == 0)
        try "a red circle\n\na blue square\n".write(
            to: directory.url.appending(path: "prompts.txt"), atomically: true, encoding: .utf8)
        #expect(try quant("--int4", "demo.dalle", "-o", "plain.dalle").status == 0)
        let command = try quant("--int4", "demo.dalle", "-o", "weighed.dalle", "--calibrate", "prompts.txt")
        #expect(command.status == 0, "\(command.error)")
        let (plain, weighed) = try (
            ModelFile(directory.path("plain.dalle")), ModelFile(directory.path("weighed.dalle"))
        )
        #expect(plain.tensors.map(\.byteCount) == weighed.tensors.map(\.byteCount))
        let differ = zip(plain.tensors, weighed.tensors).filter { $0.digest != $1.digest }.map(\.0.name)
        // Embeddings are looked up, not multiplied.
        #expect(differ.contains("bart.decoder.logits.weight") && !differ.contains { $0.contains("embedding") })
        let step = try #require(Provenance(weighed.metadata).steps.last)
        guard case .map(let calibration)? = step.options["calibration"] else {
            Issue.record("the provenance does not say it")
            return
        }
        #expect(calibration["prompts"] == 2)
        let useless = try quant("--int8", "demo.dalle", "--calibrate", "prompts.txt")
        #expect(useless.status == 64 && useless.error.contains("--calibrate"), "\(useless.error)")
    }

    @Test func mistakesAreRefused() throws {
        #expect(try quant("--int8", "mini.dalle", "--keep", "nowhere").status == 64)
        #expect(try quant("--int8", "mini.dalle", "--keep", "(").status == 64)
        #expect(try quant("--int8", "--int4", "mini.dalle").status == 64)
        #expect(try quant("--int8", "mini.dalle").status == 0)
        let again = try quant("--int4", "mini-int8.dalle")
        #expect(again.status == 64 && again.error.contains("--from-quantised"), "\(again.error)")
        #expect(try quant("--int4", "mini-int8.dalle", "--from-quantised").status == 0)
        let inspect = try Command("dalle-convert", ["inspect", "mini-int8-int4.dalle", "--tensors"], in: directory.url)
        #expect(inspect.output.contains("int4-rows 1") && inspect.output.contains("quantize int4"))
    }

    @Test func aQuantisedModelIsHeldAgainstTheWhole() throws {
        #expect(try quant("--int8", "mini.dalle").status == 0)
        let run = ["verify", "mini-int8.dalle", "--against", "mini.dalle", "--pictures", "2", "--json"]
        let command = try Command("dalle-run", run + ["--min-psnr", "30", "--min-cosine", "0.99"], in: directory.url)
        #expect(command.status == 0, "\(command.error)")
        let json = try command.json()
        for name in ["mean_kl", "max_kl", "same_top", "codes_equal", "psnr", "ssim"] { #expect(json[name] is Double) }
        let gated = try Command("dalle-run", run + ["--max-mean-kl", "0"], in: directory.url)
        #expect(try gated.status == 1 && gated.json()["pass"] as? Bool == false)
        // The checkpoint itself is the other side.
        let source = try Command(
            "dalle-run", ["verify", "mini-int8.dalle", "--against", Self.source, "--pictures", "1"], in: directory.url)
        #expect(source.status == 0 && source.output.contains("mean_kl"), "\(source.error)")
        #expect(source.error.contains("holds no vqgan"))
        #expect(try Command("dalle-run", ["verify", "mini-int8.dalle"], in: directory.url).status == 64)
    }

    @Test func aKilledRunLeavesNothing() throws {
        for delay in [2_000, 20_000, 60_000, 120_000] {
            let process = try Command.start("dalle-quant", ["--int4", "mini.dalle"], in: directory.url)
            usleep(UInt32(delay))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if directory.contents != ["mini.dalle"] {
                #expect(try ModelFile(directory.path("mini-int4.dalle")).damages().isEmpty)
                #expect(directory.contents == ["mini-int4.dalle", "mini.dalle"])
                try FileManager.default.removeItem(atPath: directory.path("mini-int4.dalle"))
            }
        }
    }
}
