public import DalleFormat

extension CLIPConfiguration: PartConfiguration {
    /// Matrices of dense layers are `[out, in]`, the patch embedding's kernels `[out, height, width, in]`.
    public func forEachTensor(_ body: (String, Shape) throws(DalleError) -> Void) throws(DalleError) {
        try withoutActuallyEscaping(body) { body throws(DalleError) in try add(to: CLIPTensorList(body: body)) }
    }

    private func add(to list: CLIPTensorList) throws(DalleError) {
        try list.add("logit_scale")
        try list.add("text.token_embedding", vocabulary, text.width)
        try list.add("text.position_embedding", contextLength, text.width)
        try list.layers(textTransformer)
        try list.add("text.projection.weight", projectionWidth, text.width)
        let positions = positionsPerEdge * positionsPerEdge + 1
        switch vision {
        case .transformer(let tower, let patchSize):
            try list.add("vision.class_embedding", tower.width)
            try list.add("vision.patch_embedding.weight", tower.width, patchSize, patchSize, 3)
            try list.add("vision.position_embedding", positions, tower.width)
            try list.norm("vision.input_norm", tower.width)
            try list.layers(visionTransformer(tower))
            try list.add("vision.projection.weight", projectionWidth, tower.width)
        case .residual(let network):
            try network.features.forEachTensor(list.body)
            let width = network.pooledWidth
            try list.add("vision.pool.position_embedding", positions, width)
            for projection in ["query", "key", "value"] {
                try list.dense("vision.pool.\(projection)", from: width, to: width)
            }
            try list.dense("vision.pool.output", from: width, to: projectionWidth)
        }
    }
}

extension CLIPConfiguration {
    /// Every norm.
    public static let norm = TransformerStack.Norm(epsilon: normEpsilon)

    /// The layers that see a text: a token sees those before it.
    public var textTransformer: TransformerStack {
        Self.transformer(text, "text", length: contextLength, isCausal: true)
    }

    /// The layers that see a picture's patches and one more state that sums them up.
    public func visionTransformer(_ tower: Tower) -> TransformerStack {
        Self.transformer(tower, "vision", length: positionsPerEdge * positionsPerEdge + 1, isCausal: false)
    }

    private static func transformer(
        _ tower: Tower, _ name: String, length: Int, isCausal: Bool
    ) -> TransformerStack {
        let layer = TransformerStack.Layer(
            selfAttention: TransformerStack.Attention(
                norms: TransformerStack.Norms(pre: norm), hasBias: true, isCausal: isCausal, keyLength: length),
            feedForward: TransformerStack.FeedForward(
                norms: TransformerStack.Norms(pre: norm), hasBias: true, width: tower.feedForwardWidth,
                activation: tower.activation))
        return TransformerStack(
            name: name, width: tower.width, heads: tower.heads, length: length,
            layers: [TransformerStack.Layer](repeating: layer, count: tower.layers), finalNorm: norm,
            finalNormName: "output_norm")
    }
}

private struct CLIPTensorList {
    let body: (String, Shape) throws(DalleError) -> Void

    func add(_ name: String, _ extents: Int...) throws(DalleError) { try body(name, try Shape(extents)) }

    func norm(_ name: String, _ width: Int) throws(DalleError) {
        try add("\(name).scale", width)
        try add("\(name).bias", width)
    }

    func dense(_ name: String, from: Int, to: Int) throws(DalleError) {
        try add("\(name).weight", to, from)
        try add("\(name).bias", to)
    }

    func layers(_ stack: TransformerStack) throws(DalleError) {
        try stack.forEachTensor { tensor throws(DalleError) in try body(tensor.name, tensor.shape) }
    }
}
