import DalleFormat
import Testing

@testable import DalleModels

/// What follows from the description of a stack, against lists counted by hand.
@Suite struct TransformerStackTests {
    private typealias Stack = TransformerStack

    /// One layer that has everything, and one that has as little as can be.
    private static var stack: Stack {
        let both = Stack.Norm()
        let cross = Stack.Attention(
            norms: Stack.Norms(post: Stack.Norm(kind: .rmsNorm, hasBias: false)), hasBias: true, isCausal: false,
            keyLength: 5,
            hasPositionBias: true)
        let full = Stack.Layer(
            selfAttention: Stack.Attention(
                norms: Stack.Norms(pre: both, inner: both), hasBias: true, isCausal: true, keyLength: 7,
                hasHeadScale: true),
            crossAttention: cross,
            feedForward: Stack.FeedForward(
                norms: Stack.Norms(inner: Stack.Norm(hasScale: false), residual: both),
                hasBias: true, width: 24, activation: .gelu, isGated: true))
        let bare = Stack.Layer(
            selfAttention: Stack.Attention(norms: Stack.Norms(), hasBias: false, isCausal: true, keyLength: 7),
            feedForward: Stack.FeedForward(norms: Stack.Norms(), hasBias: false, width: 16, activation: .relu))
        return Stack(
            name: "text", width: 8, heads: 2, length: 7, layers: [full, bare], finalNorm: both,
            finalNormName: "output_norm")
    }

    private static let tensors = """
        text.layers.0.self_attention.pre_norm.scale 8
        text.layers.0.self_attention.pre_norm.bias 8
        text.layers.0.self_attention.inner_norm.scale 8
        text.layers.0.self_attention.inner_norm.bias 8
        text.layers.0.self_attention.query.weight 8×8
        text.layers.0.self_attention.query.bias 8
        text.layers.0.self_attention.key.weight 8×8
        text.layers.0.self_attention.key.bias 8
        text.layers.0.self_attention.value.weight 8×8
        text.layers.0.self_attention.value.bias 8
        text.layers.0.self_attention.output.weight 8×8
        text.layers.0.self_attention.output.bias 8
        text.layers.0.self_attention.head_scale 2
        text.layers.0.cross_attention.post_norm.scale 8
        text.layers.0.cross_attention.query.weight 8×8
        text.layers.0.cross_attention.query.bias 8
        text.layers.0.cross_attention.key.weight 8×8
        text.layers.0.cross_attention.key.bias 8
        text.layers.0.cross_attention.value.weight 8×8
        text.layers.0.cross_attention.value.bias 8
        text.layers.0.cross_attention.output.weight 8×8
        text.layers.0.cross_attention.output.bias 8
        text.layers.0.cross_attention.position_bias 2×7×5
        text.layers.0.feed_forward.inner_norm.bias 24
        text.layers.0.feed_forward.residual_norm.scale 8
        text.layers.0.feed_forward.residual_norm.bias 8
        text.layers.0.feed_forward.gate.weight 24×8
        text.layers.0.feed_forward.gate.bias 24
        text.layers.0.feed_forward.up.weight 24×8
        text.layers.0.feed_forward.up.bias 24
        text.layers.0.feed_forward.down.weight 8×24
        text.layers.0.feed_forward.down.bias 8
        text.layers.1.self_attention.query.weight 8×8
        text.layers.1.self_attention.key.weight 8×8
        text.layers.1.self_attention.value.weight 8×8
        text.layers.1.self_attention.output.weight 8×8
        text.layers.1.feed_forward.up.weight 16×8
        text.layers.1.feed_forward.down.weight 8×16
        text.output_norm.scale 8
        text.output_norm.bias 8
        """.split(separator: "\n").map(String.init)

    @Test func tensorsFollow() throws {
        var found: [String] = []
        try Self.stack.forEachTensor { tensor in
            #expect(tensor.name == Self.stack.name(of: tensor.role))
            found.append("\(tensor.name) \(tensor.shape.extents.map(String.init).joined(separator: "×"))")
        }
        #expect(found == Self.tensors)
    }

    /// Keys and values of cross-attention are made once, not in every step.
    @Test func matricesOfAPassFollow() {
        let weights = Self.tensors.filter { $0.contains("weight") }.map { String($0.prefix { $0 != " " }) }
        #expect(Self.stack.matrices(isStep: false) == weights)
        let kept = ["key", "value"].map { "text.layers.0.cross_attention.\($0).weight" }
        #expect(Self.stack.matrices(isStep: true) == weights.filter { !kept.contains($0) })
        #expect(Self.stack.keyMatrices(.crossAttention) == [kept[0]])
        #expect(Self.stack.keyMatrices(.selfAttention).count == 2)
    }

    @Test func memoryFollows() {
        #expect(Self.stack.cacheByteCount(sequences: 3, positions: 5, isInt8: false) == 2 * 3 * 5 * 8 * 4)
        #expect(Self.stack.cacheByteCount(sequences: 3, positions: 5, isInt8: true) == 2 * 3 * 5 * (8 + 2 * 4))
        #expect(Self.stack.stateByteCount(rows: 3) == 3 * 2 * (7 * 8 + 2 * 24) * 5)
    }

    /// The sides of a text-to-codes model are told apart by their masks and what they attend to.
    @Test func sidesAreStacks() {
        let sizes = BartConfiguration.Stack(layers: 2, heads: 2, feedForwardWidth: 16, hasFinalNorm: true)
        var model = BartConfiguration(
            width: 8, encoder: sizes, decoder: sizes, textVocabulary: 10, imageVocabulary: 20, textLength: 4,
            imageLength: 16, startToken: 0, padToken: 0, endToken: 0)
        model.sinkhornIterations = 3
        let (encoder, decoder) = (model.transformer(.encoder), model.transformer(.decoder))
        #expect(encoder.normalizesOverQueries && !decoder.normalizesOverQueries)
        #expect(encoder.layers.allSatisfy { !$0.selfAttention.isCausal && $0.crossAttention == nil })
        #expect(decoder.layers.allSatisfy { $0.selfAttention.isCausal && $0.crossAttention?.keyLength == 4 })
        #expect(encoder.length == 4 && decoder.length == 16)
    }
}
