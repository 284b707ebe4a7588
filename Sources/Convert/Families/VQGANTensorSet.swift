import DalleFormat

/// A checkpoint's tensors under the canonical names of a VQGAN, with kernels in the canonical order of axes.
struct VQGANTensorSet {
    /// Whose names and axes the checkpoint has.
    enum Origin: CaseIterable {
        /// taming-transformers: kernels `[out, in, height, width]`.
        case taming
        /// vqgan-jax: levels joined by `/`, `up.0` written `up_0`, norms have a `scale`, convolutions a `kernel`
        /// `[height, width, in, out]`.
        case flax

        /// What models that contain a VQGAN put before its names; Lightning, DataParallel, latent diffusion.
        var prefixes: [String] {
            switch self {
            case .taming: ["", "first_stage_model.", "model.", "module."]
            case .flax: ["", "params/"]
            }
        }

        var separator: Character { self == .taming ? "." : "/" }
    }

    let origin: Origin
    private let prefix: String
    private let tensors: [String: ForeignTensor]
    private let codebook: String
    /// dalle-mini's own VQGAN under min-dalle's names.
    let isFromMinDalle: Bool

    static let codebookName = "quantize.embedding.weight"
    private static let firstName = "decoder.conv_in.weight"

    init(_ tensors: [String: ForeignTensor]) throws(DalleError) {
        for origin in Origin.allCases {
            for prefix in origin.prefixes where tensors[prefix + Self.name(Self.firstName, origin)] != nil {
                self.origin = origin
                self.prefix = prefix
                self.tensors = tensors
                // A Gumbel VQGAN's codebook has another name, and min-dalle's too.
                let usual = prefix + Self.name(Self.codebookName, origin)
                let others = ["quantize.embed.weight", "embedding.weight"].map { prefix + $0 }
                codebook = others.first { tensors[$0] != nil && tensors[usual] == nil } ?? usual
                isFromMinDalle = codebook == others[1]
                return
            }
        }
        throw DalleError(
            .badData, "holds no VQGAN: there is no tensor '\(Self.firstName)' among its \(tensors.count)",
            remedy: "Name a checkpoint of taming-transformers or vqgan-jax")
    }

    /// The tensor of a canonical name.
    subscript(name: String) -> ForeignTensor? {
        get throws(DalleError) {
            guard let tensor = tensors[foreignName(name)] else { return nil }
            guard tensor.dtype.isFloatingPoint else {
                throw DalleError(.badData, "holds \(tensor.dtype), expected floating-point numbers", item: tensor.name)
            }
            guard tensor.shape.count > 0 else {
                throw DalleError(.badData, "has no elements: shape \(tensor.shape)", item: tensor.name)
            }
            guard tensor.shape.rank == 4 else { return tensor }
            return try tensor.permuted(origin == .taming ? [0, 2, 3, 1] : [3, 0, 1, 2])
        }
    }

    /// A tensor that must be there.
    ///
    /// - Throws: `badData` with the name the checkpoint would have for it.
    func required(_ name: String) throws(DalleError) -> ForeignTensor {
        guard let tensor = try self[name] else {
            throw DalleError(
                .badData, "the tensor is missing", remedy: "The checkpoint is not a whole VQGAN",
                item: foreignName(name))
        }
        return tensor
    }

    /// The groups of tensors that `names` does not take, with their sizes.
    ///
    /// - Throws: `badData` for one of a part that is taken, where nothing may be ignored.
    func others(than names: [String]) throws(DalleError) -> [String] {
        let taken = Set(names.map(foreignName))
        let modules = Set(names.map { String($0.prefix { $0 != "." }) })
        var counts: [String: Int] = [:]
        for name in tensors.keys.sorted() where !taken.contains(name) {
            let parts = name.dropFirst(name.hasPrefix(prefix) ? prefix.count : 0).split(separator: origin.separator)
            let isOurs = name.hasPrefix(prefix) && parts.first.map { modules.contains(String($0)) } == true
            guard !isOurs || Self.isOnlyForTraining(parts) else {
                throw DalleError(
                    .badData, "a tensor that a VQGAN of this architecture does not have",
                    remedy: "The model may be a variant that is not supported", item: name)
            }
            counts[parts.prefix(isOurs ? 2 : 1).joined(separator: "."), default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.map { name, count in
            "\(name): \(count) \(count == 1 ? "tensor" : "tensors")"
        }
    }

    /// Whether a tensor of the quantiser serves encoding or training only: a Gumbel VQGAN's projection to codes, and
    /// the running averages of an EMA codebook.
    private static func isOnlyForTraining(_ parts: [Substring]) -> Bool {
        parts.starts(with: ["quantize", "proj"])
            || parts == ["quantize", "embedding", "cluster_size"] || parts == ["quantize", "embedding", "embed_avg"]
    }

    private func foreignName(_ name: String) -> String {
        name == Self.codebookName ? codebook : prefix + Self.name(name, origin)
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
