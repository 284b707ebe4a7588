/// How numbers are normalised: to mean 0 and variance 1, or to mean square 1.
public enum NormKind: String, CaseIterable, Sendable { case layerNorm = "layernorm", rmsNorm = "rmsnorm" }

/// A stack of transformer layers as a value: its tensors, their memory, what a pass costs, and both executors follow from it.
///
/// Embeddings before the layers and projections after them are the model's own.
public struct TransformerStack: Sendable, Equatable {
    /// What the names of its tensors begin with: `encoder`, `text`.
    public var name: String
    /// Width of the hidden states.
    public var width: Int
    /// Heads of every attention, which share the width.
    public var heads: Int
    /// Positions of a sequence, at most.
    public var length: Int
    public var layers: [Layer]
    /// Factor of the residual branch: x becomes residual(scale·x + post(f(pre(x)))).
    public var residualScale = 1.0
    /// After the last layer.
    public var finalNorm: Norm?
    /// What the tensors of the final norm are called.
    public var finalNormName = "final_norm"

    public var headWidth: Int { width / heads }

    /// Whether an attention normalises over queries too, so that those of padding take part.
    public var normalizesOverQueries: Bool { layers.contains { $0.selfAttention.sinkhornIterations > 1 } }
}

extension TransformerStack {
    /// Self-attention, attention to another sequence if the layer has it, feed-forward.
    public struct Layer: Sendable, Equatable {
        public var selfAttention: Attention
        /// Its keys and values are of another model's states: an encoder's.
        public var crossAttention: Attention?
        public var feedForward: FeedForward
    }

    /// A norm with the parameters it has; one without any still normalises.
    public struct Norm: Sendable, Equatable {
        public var kind = NormKind.layerNorm
        public var hasScale = true
        public var hasBias = true
        public var epsilon = 1e-5

        /// Scale before bias.
        public var parts: [TransformerTensor.NormPart] { (hasScale ? [.scale] : []) + (hasBias ? [.bias] : []) }
    }

    /// The norms of a sublayer f with residual x: residual(scale·x + post(f(pre(x)))); `inner` is inside f, before its last
    /// dense layer.
    public struct Norms: Sendable, Equatable {
        public var pre: Norm?
        public var inner: Norm?
        public var post: Norm?
        public var residual: Norm?

        public subscript(place: TransformerTensor.NormPlace) -> Norm? {
            switch place {
            case .pre: pre
            case .inner: inner
            case .post: post
            case .residual: residual
            }
        }
    }

    public struct Attention: Sendable, Equatable {
        public var norms: Norms
        /// Whether the projections have biases.
        public var hasBias: Bool
        /// A position attends to none after it.
        public var isCausal: Bool
        /// Positions of the sequence that is attended to, at most.
        public var keyLength: Int
        /// Queries and keys are normalised, and their products divided by this instead of √(head width).
        public var cosineTau: Double?
        /// Alternating normalisations over keys and queries; 1 is softmax.
        public var sinkhornIterations = 1
        /// A factor for each head's result.
        public var hasHeadScale = false
        /// A learned number for each head, query and key, added to their score.
        public var hasPositionBias = false
    }

    /// down(act(up x)), or gated down(act(gate x) ∘ up x).
    public struct FeedForward: Sendable, Equatable {
        public var norms: Norms
        public var hasBias: Bool
        /// Between the dense layers.
        public var width: Int
        public var activation: Activation
        public var isGated = false
    }
}
