/// Where Hugging Face's CLIPModel, in PyTorch or Flax, keeps each tensor of the canonical list.
struct HuggingFaceCLIP {
    private let model: ModelTensors
    private let isFlax: Bool

    /// PyTorch's layout and Flax's.
    static let layouts = [["weight", "weight"], ["embedding", "kernel"]].map {
        ModelTensors.Layout(marks: [
            "text_model.embeddings.token_embedding.\($0[0])", "vision_model.embeddings.patch_embedding.\($0[1])",
        ])
    }
    static let modules: Set = [
        "text_model", "vision_model", "text_projection", "visual_projection", "logit_scale", "logit_bias",
    ]

    init(_ model: ModelTensors, isFlax: Bool) {
        self.model = model
        self.isFlax = isFlax
    }

    /// Buffers that old files carry: the numbers from 0 on.
    static func isInert(_ parts: [Substring]) -> Bool { parts.last == "position_ids" }

    func place(_ name: String) -> CLIPImport.Place {
        let torch = Self.torchName(name)
        guard isFlax else { return .init(name: torch) }
        guard torch.hasSuffix(".weight") else { return .init(name: torch, axes: .flax) }
        let stem = torch.dropLast("weight".count)
        let ending = ["scale", "embedding"].first { model.tensors[stem + $0] != nil } ?? "kernel"
        return .init(name: stem + ending, axes: ending == "embedding" ? .canonical : .flax)
    }

    private static let parts = [
        "scale": "weight", "output_norm": "final_layer_norm", "input_norm": "pre_layrnorm", "query": "q_proj",
        "key": "k_proj", "value": "v_proj", "output": "out_proj", "up": "fc1", "down": "fc2",
    ]

    private static func torchName(_ name: String) -> String {
        let fields = name.split(separator: ".").map(String.init)
        guard fields.count > 1 else { return name }
        let side = fields[0]
        let rest = fields.dropFirst().map { parts[$0] ?? $0 }
        switch fields[1] {
        case "projection":
            return side == "text" ? "text_projection.weight" : "visual_projection.weight"
        case "class_embedding":
            return "\(side)_model.embeddings.class_embedding"
        case "token_embedding", "position_embedding", "patch_embedding":
            return "\(side)_model.embeddings.\(fields[1]).weight"
        case "output_norm" where side == "vision":
            return "vision_model.post_layernorm.\(rest[rest.count - 1])"
        case "layers":
            let (layer, sublayer, place, part) = (fields[2], fields[3], fields[4], rest[rest.count - 1])
            let module =
                switch (sublayer, place) {
                case ("self_attention", "pre_norm"): "layer_norm1"
                case ("feed_forward", "pre_norm"): "layer_norm2"
                case ("self_attention", _): "self_attn.\(parts[place] ?? place)"
                default: "mlp.\(parts[place] ?? place)"
                }
            return "\(side)_model.encoder.layers.\(layer).\(module).\(part)"
        default:
            return "\(side)_model." + rest.joined(separator: ".")
        }
    }
}
