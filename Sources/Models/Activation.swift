/// The function between the dense layers of a feed-forward block.
public enum Activation: String, CaseIterable, Sendable {
    /// x·Φ(x), with the error function.
    case gelu
    /// The tanh approximation.
    case geluTanh = "gelu_tanh"
    case relu
    /// x·σ(x).
    case silu
    /// x·σ(1.702 x).
    case quickGELU = "quick_gelu"
    /// Upstream's smooth ReLU with beta 1, which gives 0.25 (not 0) for x ≤ −1.
    case smelu
}
