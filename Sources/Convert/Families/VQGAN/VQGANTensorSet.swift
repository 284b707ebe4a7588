import DalleFormat

/// A checkpoint's tensors under the canonical names of a VQGAN, with kernels in the canonical order of axes.
struct VQGANTensorSet {
    /// The library whose names and axis order the checkpoint uses.
    enum Origin: CaseIterable {
        /// taming-transformers: kernels `[out, in, height, width]`.
        case taming
        /// vqgan-jax: levels joined by `/`, `up.0` written `up_0`, norms have a `scale`, convolutions a `kernel`
        /// `[height, width, in, out]`.
        case flax

        var separator: Character { self == .taming ? "." : "/" }
        var axes: AxisOrder { self == .taming ? .torch : .flax }
    }

    let origin: Origin
    private let model: ModelTensors
    private let codebook: String
    /// Whether it is dalle-mini's own VQGAN under min-dalle's names.
    let isFromMinDalle: Bool

    static let codebookName = "quantize.embedding.weight"
    private static let firstName = "decoder.conv_in.weight"

    /// One for each origin.
    static let layouts = Origin.allCases.map {
        ModelTensors.Layout(marks: [name(firstName, $0)], separator: $0.separator)
    }

    /// - Parameters:
    ///   - top: what the dictionary of these tensors is called in its file.
    ///   - prefix: what stands before the model's names, if there are several models.
    init(_ tensors: [String: CheckpointTensor], top: String = "", prefix: String? = nil) throws(DalleError) {
        guard let model = try ModelTensors(in: tensors, Self.layouts, top: top, chosen: prefix) else {
            throw DalleError(
                .badData, "holds no VQGAN: there is no tensor '\(Self.firstName)' among its \(tensors.count)",
                remedy: "Name a checkpoint of taming-transformers or vqgan-jax")
        }
        self.model = model
        origin = Origin.allCases[model.layout]
        // A Gumbel VQGAN's codebook has another name, and min-dalle's too.
        let usual = Self.name(Self.codebookName, origin)
        let others = ["quantize.embed.weight", "embedding.weight"]
        codebook = others.first { model.tensors[$0] != nil && model.tensors[usual] == nil } ?? usual
        isFromMinDalle = codebook == others[1]
    }

    /// The tensor of a canonical name, its axes in canonical order.
    subscript(name: String) -> CheckpointTensor? {
        get throws(DalleError) {
            guard let tensor = model.tensors[checkpointName(name)] else { return nil }
            guard tensor.dtype.isFloatingPoint else {
                throw DalleError(.badData, "holds \(tensor.dtype), expected floating-point numbers", item: tensor.name)
            }
            guard tensor.shape.count > 0 else {
                throw DalleError(.badData, "has no elements: shape \(tensor.shape)", item: tensor.name)
            }
            return try tensor.permuted(axes(name).axes(rank: tensor.shape.rank))
        }
    }

    /// The tensor of a canonical name in its shape.
    ///
    /// - Throws: `badData` with the file's name and shape when it is missing or another.
    func fitted(_ name: String, to shape: Shape) throws(DalleError) -> CheckpointTensor {
        _ = try required(name)
        let tensor = model.tensors[checkpointName(name)]
        guard let fitted = try tensor?.fitted(to: shape, axes(name)) else {
            throw DalleError(.badData, "the tensor is missing", item: model.fileName(checkpointName(name)))
        }
        return fitted
    }

    private func axes(_ name: String) -> AxisOrder { name == Self.codebookName ? .canonical : origin.axes }

    /// A tensor that must be there.
    ///
    /// - Throws: `badData` with the name the checkpoint would have for it.
    func required(_ name: String) throws(DalleError) -> CheckpointTensor {
        guard let tensor = try self[name] else {
            throw DalleError(
                .badData, "the tensor is missing", remedy: "The checkpoint is not a whole VQGAN",
                item: model.fileName(checkpointName(name)))
        }
        return tensor
    }

    /// The groups of tensors that `names` does not take, with their sizes.
    ///
    /// - Throws: `badData` for one of a part that is taken, where nothing may be ignored.
    func others(than names: [String]) throws(DalleError) -> [String] {
        let modules = Set(names.map { String($0.prefix { $0 != "." }) })
        return try model.others(
            than: Set(names.map(checkpointName)), modules: modules, isInert: Self.isOnlyForTraining)
    }

    /// Whether a tensor of the quantiser serves encoding or training only: a Gumbel VQGAN's projection to codes, and
    /// the running averages of an EMA codebook.
    private static func isOnlyForTraining(_ parts: [Substring]) -> Bool {
        guard parts.first == "quantize" else { return false }
        return parts.dropFirst().first == "proj" || parts.last.map { averages.contains(String($0)) } == true
    }

    private static let averages: Set = [
        "cluster_size", "embed_avg", "embedding_avg", "ema_cluster_size", "ema_w", "_ema_cluster_size", "_ema_w",
    ]

    private func checkpointName(_ name: String) -> String {
        name == Self.codebookName ? codebook : Self.name(name, origin)
    }

    /// A canonical name, which is taming-transformers' own, as the origin writes it.
    private static func name(_ canonical: String, _ origin: Origin) -> String {
        guard origin == .flax else { return canonical }
        var parts: [String] = []
        for part in canonical.split(separator: ".") {
            if part.allSatisfy(\.isNumber), let last = parts.popLast() {
                parts.append("\(last)_\(part)")
            } else {
                parts.append(String(part))
            }
        }
        if parts.last == "weight" {
            let layer = parts.dropLast().last ?? ""
            parts[parts.count - 1] = layer == "embedding" ? "embedding" : layer.hasPrefix("norm") ? "scale" : "kernel"
        }
        return parts.joined(separator: "/")
    }
}
