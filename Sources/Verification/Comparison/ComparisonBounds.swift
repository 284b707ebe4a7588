import DalleFormat

/// How much a model may differ from another precision of itself, unless someone says otherwise: by the type of its weights.
///
/// `docs/QUANTISATION.md` has the numbers and what they were measured with.
public enum ComparedPrecision: String, CaseIterable, Sendable, Encodable {
    // From the finest to the coarsest.
    case float32, float16, bfloat16, int8, int4

    /// The coarsest type in which a part holds its weights.
    init(_ file: ModelFile, _ component: Component) {
        self =
            file.tensors(of: component).compactMap { tensor -> Self? in
                switch tensor.packing?.coding {
                case .int8: .int8
                case .int4: .int4
                case nil: tensor.dtype == .float64 ? .float32 : Self(rawValue: tensor.dtype.rawValue)
                }
            }.max { $0.coarseness < $1.coarseness } ?? .float32
    }

    private var coarseness: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// The coarser of two: what a comparison of both is held to.
    func coarser(_ other: Self) -> Self { coarseness < other.coarseness ? other : self }

    /// Of what a model predicts and draws. Shares of positions are of too few to have a bound for every model: where two
    /// codes are about as likely, any difference decides.
    var logits: [ComparisonReport.Measure: Double] {
        switch self {
        case .float32: [.meanKL: 1e-6, .cosine: 0.999999]
        case .float16: [.meanKL: 1e-5, .cosine: 0.99999]
        case .bfloat16: [.meanKL: 1e-3, .cosine: 0.999]
        case .int8: [.meanKL: 2e-3, .cosine: 0.999]
        case .int4: [.meanKL: 0.2, .cosine: 0.9]
        }
    }

    /// Of what a VQGAN paints.
    var pixels: [ComparisonReport.Measure: Double] {
        switch self {
        case .float32: [.psnr: 80, .ssim: 0.9999]
        case .float16: [.psnr: 50, .ssim: 0.999]
        case .bfloat16: [.psnr: 30, .ssim: 0.98]
        case .int8: [.psnr: 30, .ssim: 0.98]
        case .int4: [.psnr: 20, .ssim: 0.8]
        }
    }
}
