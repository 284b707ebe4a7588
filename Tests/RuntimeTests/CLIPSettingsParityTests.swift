import DalleFormat
import DalleModels
import DalleRuntime
import DalleVerification
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

/// What lies beside a CLIP's weights, against what open_clip and transformers compute with it.
@Suite struct CLIPSettingsParityTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            at: directory.url.appending(path: "model"), withIntermediateDirectories: false)
    }

    /// open_clip's files, the configuration changed.
    private func openClip(
        weights: String = "open_clip_model.safetensors", _ change: (inout [String: Any]) -> Void = { _ in }
    ) throws -> String {
        let source = Fixtures.path("torch/open_clip")
        try FileManager.default.copyItem(
            atPath: "\(source)/open_clip_model.safetensors", toPath: directory.path("model/\(weights)"))
        var config = try #require(
            try JSONSerialization.jsonObject(with: Fixtures.data("torch/open_clip/open_clip_config.json"))
                as? [String: Any])
        change(&config)
        try JSONSerialization.data(withJSONObject: config).write(
            to: directory.url.appending(path: "model/open_clip_config.json"))
        return directory.path("model")
    }

    private func check(_ parts: [ImportedComponent], _ reference: String) throws {
        let path = directory.path("clip.dalle")
        _ = try ModelAssembly().write(parts, to: path, step: "test")
        let report = try Verification.run(
            try DalleModel(path), against: try Reference(Fixtures.path("torch/\(reference).npz")), ComputeContext())
        #expect(report.checks.count == 4)
        for check in report.checks { #expect(check.pass && check.maxAbs < 1e-4, "\(check.name): \(check.maxAbs)") }
    }

    @Test func openClipsConfigurationCounts() throws {
        let parts = try CLIPImport.read(Fixtures.path("torch/open_clip"))
        let configuration = try CLIPConfiguration(parts[0].component.configuration)
        #expect(configuration.pixelMean == [0.5, 0.25, 0.125] && configuration.pixelDeviation == [0.25, 0.5, 0.75])
        #expect(configuration.text.heads == 4 && configuration.text.activation == .gelu)
        guard case .transformer(let tower, _) = configuration.vision else { return #expect(Bool(false)) }
        #expect(tower.heads == 2 && tower.activation == .gelu)
        try check(parts, "open_clip_gelu")
    }

    @Test func openClipsOtherFunctionsAreThose() throws {
        let quick = try openClip(weights: "open_clip_pytorch_model.bin") { config in
            guard var model = config["model_cfg"] as? [String: Any] else { return }
            model["quick_gelu"] = true
            config["model_cfg"] = model
        }
        try check(try CLIPImport.read(quick), "open_clip_quick")
    }

    @Test func openClipsArgumentsOfActivationsCount() throws {
        let tanh = try openClip { config in
            guard var model = config["model_cfg"] as? [String: Any] else { return }
            for key in ["vision_cfg", "text_cfg"] {
                guard var tower = model[key] as? [String: Any] else { return }
                tower["act_kwargs"] = ["approximate": "tanh"]
                model[key] = tower
            }
            config["model_cfg"] = model
        }
        try check(try CLIPImport.read(tanh), "open_clip_tanh")
    }

    /// A bare file of the same tensors fits all of these functions, so the user says which it is.
    @Test func aBareFileAsksForItsFunction() throws {
        let path = directory.path("bare.safetensors")
        try FileManager.default.copyItem(
            atPath: Fixtures.path("torch/open_clip/open_clip_model.safetensors"), toPath: path)
        let error = try #require(throws: DalleError.self) { try CLIPImport.read(path) }
        #expect(error.code == .usage && error.remedy?.contains("--activation quick-gelu|gelu") == true, "\(error)")
        #expect(error.remedy?.contains("--head-width N") == true)
        let half = try #require(throws: DalleError.self) {
            try CLIPImport.read(path, function: .init(activation: .gelu))
        }
        #expect(half.remedy?.contains("--head-width") == true && half.remedy?.contains("--activation") == false)
        for (activation, name) in [(Activation.gelu, "gelu"), (.quickGELU, "quick"), (.geluTanh, "tanh")] {
            let function = CLIPFunction(activation: activation, headWidth: 40, textHeadWidth: 16)
            try? FileManager.default.removeItem(atPath: directory.path("clip.dalle"))
            try check(try CLIPImport.read(path, function: function), "open_clip_\(name)")
        }
        let uneven = try #require(throws: DalleError.self) {
            try CLIPImport.read(path, function: .init(activation: .gelu, headWidth: 64))
        }
        #expect(uneven.remedy?.contains("--head-width") == true, "\(uneven)")
    }

    /// open_clip's CustomTextCLIP computes the same from the same tensors under other names.
    @Test func aTextTowerOfItsOwnIsFound() throws {
        let tensors = try Checkpoint(Fixtures.path("torch/open_clip/open_clip_model.safetensors")).tensors
        let renamed = Dictionary(
            uniqueKeysWithValues: tensors.map { name, tensor in
                (name.hasPrefix("visual.") || name == "logit_scale" ? name : "text." + name, tensor)
            })
        let layouts = OpenAICLIP.layouts
        let model = try #require(try ModelTensors(in: renamed, layouts))
        #expect(model.layout == 1)
        let custom = OpenAICLIP(model, layout: model.layout)
        let plain = OpenAICLIP(try #require(try ModelTensors(in: tensors, layouts)), layout: 0)
        #expect(try custom.configuration() == plain.configuration())
        for tensor in try custom.configuration().tensors() {
            let (a, b) = (custom.place(tensor.name).name, plain.place(tensor.name).name)
            #expect(a == b || a == "text." + b)
            #expect(model.tensors[a] != nil, "\(a)")
        }
    }

    // MARK: Pixels

    @Test(arguments: ["preprocessor_config.json", "processor_config.json"])
    func pixelsAreTransformers(_ name: String) throws {
        let root = try #require(
            try JSONSerialization.jsonObject(with: Fixtures.data("torch/clip_settings.json")) as? [String: Any])
        let cases = try #require(root["pixels"] as? [[String: Any]])
        #expect(cases.count == 8)
        let source = Fixtures.path("torch/clip_vit_hf")
        for file in ["config.json", "model.safetensors"] {
            try FileManager.default.copyItem(atPath: "\(source)/\(file)", toPath: directory.path("model/\(file)"))
        }
        let picture = try PictureFile.read(Fixtures.path("torch/preprocess_90x70_grey.png"))
        for item in cases {
            let settings = try #require(item["settings"] as? [String: Any])
            let whole: [String: Any] =
                name == "processor_config.json"
                ? ["processor_class": "CLIPProcessor", "image_processor": settings] : settings
            try JSONSerialization.data(withJSONObject: whole).write(
                to: directory.url.appending(path: "model/\(name)"))
            let part = try CLIPImport.read(directory.path("model"))[0]
            let map = picture.prepared(try CLIPConfiguration(part.component.configuration))
            let places = try #require(item["places"] as? [[Int]])
            let values = try #require(item["values"] as? [[Double]])
            for (place, expected) in zip(places, values) {
                for channel in 0..<3 {
                    let found = Double(map.pixels.values[3 * (32 * place[0] + place[1]) + channel])
                    let bound = 2e-6 * max(abs(expected[channel]), 1)
                    #expect(abs(found - expected[channel]) < bound, "\(settings): \(found), \(expected)")
                }
            }
        }
    }
}
