import DalleFormat
import DalleModels
import DalleRuntime
import DalleVerification
import Foundation
import TestSupport

@testable import DalleConvert

/// What reads a file of a kind, all of it.
enum Reader: String, CaseIterable {
    case flax, torch, tensors, safetensors, npz
    case tokenizerFile, vocabulary, merges, specialTokens, wordFrequencies, unidecode
    case dalleConfig, clipConfig, vqganSettings, shardIndex
    case picture, model

    /// Genuine files of its kind, small ones.
    var examples: [String] {
        switch self {
        case .flax: ["flax/msgpack_cases.msgpack", "flax/checkpoints/sharded/flax_model-00002-of-00004.msgpack"]
        case .torch: ["torch/hostile/ok_control.pt", "torch/module_legacy.pt"]
        case .tensors: ["torch/hostile/ok_legacy_control.pt"]
        case .safetensors: ["torch/clip_vit_hf/model.safetensors"]
        case .npz: ["torch/deflated.npz", "torch/clip_vit_hf.npz"]
        case .tokenizerFile: ["demo/dalle/tokenizer.json"]
        case .vocabulary: ["demo/dalle/vocab.json"]
        case .merges: ["demo/dalle/merges.txt"]
        case .specialTokens: ["demo/dalle/special_tokens_map.json", "demo/dalle/tokenizer_config.json"]
        case .wordFrequencies: ["text/standin-words-frequency.txt"]
        case .unidecode: ["text/unidecode/x000.py", "text/unidecode/x004.py"]
        case .dalleConfig: ["demo/dalle/config.json"]
        case .clipConfig: ["torch/clip_vit_hf/config.json"]
        case .vqganSettings: ["demo/vqgan/model.yaml", "torch/vqgan_flax/config.json"]
        case .shardIndex: ["flax/checkpoints/sharded/flax_model.msgpack.index.json"]
        case .picture: ["torch/preprocess_90x70_grey.png", "pictures/progressive.jpg", "pictures/held-6-big.png"]
        case .model: []
        }
    }

    func read(_ path: String) throws(DalleError) {
        switch self {
        case .flax: try Self.read(try FlaxTree(try MappedFile(path)).tensors)
        case .torch: try Self.read(try TorchCheckpoint(path).tensors)
        case .tensors: try Self.read(try Checkpoint(path).tensors)
        case .safetensors: try Self.read(try SafetensorsFile(try MappedFile(path)).tensors)
        case .npz:
            let reference = try Reference(path)
            for name in reference.names { _ = try reference.array(name) }
        case .tokenizerFile:
            let file = try JSONFile.decode(TokenizerFile.self, path)
            _ = try TokenizerTables(try file.parts(path, padToken: "<pad>")).tensors()
        case .vocabulary:
            let vocabulary = try JSONFile.decode([String: Int].self, path)
            _ = try TokenizerTables(
                TokenizerParts(
                    vocabulary: vocabulary, vocabularyPlace: .init(file: path), merges: [],
                    mergesPlace: .init(file: path), specials: try SpecialTokens(files: []).list(in: vocabulary),
                    beginToken: "<s>", endToken: "</s>", padToken: "<pad>"))
        case .merges: _ = try MergesFile.read(path)
        case .specialTokens: _ = try SpecialTokens(files: [path])
        case .wordFrequencies: _ = try WordFrequencyImport.read(path)
        case .unidecode: _ = try UnidecodeImport.spellings(path)
        case .dalleConfig: _ = try DalleBartConfig(path).configuration().tensors()
        case .clipConfig: _ = try CLIPConfig(path).configuration().tensors()
        case .vqganSettings: _ = try VQGANSettings(path).attentionLevels(of: 5)
        case .shardIndex: _ = try ShardIndex.read(path) { _ throws(DalleError) in [:] }
        case .picture: _ = try PictureFile.read(path)
        case .model: _ = try DalleBartImport.read(path, configuration: nil)
        }
    }

    private static func read(_ tensors: [String: CheckpointTensor]) throws(DalleError) {
        for tensor in tensors.values where tensor.shape.byteCount(tensor.dtype) <= 1 << 20 {
            var bytes = [UInt8](repeating: 0, count: tensor.shape.byteCount(tensor.dtype))
            var target = bytes.mutableSpan
            try target.withUnsafeMutableBytes { target throws(DalleError) in
                try tensor.read(0..<tensor.shape.count, into: target)
            }
        }
    }
}

/// What a process has had in memory at most, in bytes; nothing where the system does not say.
func peakMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) << 10
}
