/// A tensor of a CLIP model: canonical name, without the component's, and shape.
public struct CLIPTensor: Sendable, Equatable {
    public let name: String
    public let shape: Shape
}

extension CLIPConfiguration {
    /// All tensors, in the order they are written. Matrices of dense layers are `[out, in]`, the patch embedding is
    /// `[width, patch height, patch width, 3]`.
    public func tensors() throws(DalleError) -> [CLIPTensor] {
        var list = CLIPTensorList()
        try list.add("logit_scale")
        try list.add("text.token_embedding", vocabulary, text.width)
        try list.add("text.position_embedding", contextLength, text.width)
        try list.layers("text", text)
        try list.norm("text.output_norm", text.width)
        try list.add("text.projection.weight", projectionWidth, text.width)
        try list.add("vision.class_embedding", vision.width)
        try list.add("vision.patch_embedding.weight", vision.width, patchSize, patchSize, 3)
        try list.add("vision.position_embedding", patchesPerEdge * patchesPerEdge + 1, vision.width)
        try list.norm("vision.input_norm", vision.width)
        try list.layers("vision", vision)
        try list.norm("vision.output_norm", vision.width)
        try list.add("vision.projection.weight", projectionWidth, vision.width)
        return list.tensors
    }
}

private struct CLIPTensorList {
    var tensors: [CLIPTensor] = []

    mutating func add(_ name: String, _ extents: Int...) throws(DalleError) {
        tensors.append(CLIPTensor(name: name, shape: try Shape(extents)))
    }

    mutating func norm(_ name: String, _ width: Int) throws(DalleError) {
        try add("\(name).scale", width)
        try add("\(name).bias", width)
    }

    mutating func dense(_ name: String, from: Int, to: Int) throws(DalleError) {
        try add("\(name).weight", to, from)
        try add("\(name).bias", to)
    }

    mutating func layers(_ side: String, _ tower: CLIPConfiguration.Tower) throws(DalleError) {
        for layer in 0..<tower.layers {
            let attention = "\(side).layers.\(layer).self_attention",
                feedForward = "\(side).layers.\(layer).feed_forward"
            try norm("\(attention).pre_norm", tower.width)
            for projection in ["query", "key", "value", "output"] {
                try dense("\(attention).\(projection)", from: tower.width, to: tower.width)
            }
            try norm("\(feedForward).pre_norm", tower.width)
            try dense("\(feedForward).up", from: tower.width, to: tower.feedForwardWidth)
            try dense("\(feedForward).down", from: tower.feedForwardWidth, to: tower.width)
        }
    }
}
