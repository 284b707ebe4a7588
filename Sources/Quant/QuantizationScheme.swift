public import DalleFormat

/// A number format for weights: a file in `Schemes/` and an entry in `QuantizationSchemes.all`.
public protocol QuantizationScheme: Sendable {
    /// Its name in provenance, reports and `--keep REGEX=TYPE`.
    var name: String { get }
    /// The command's option for it, without dashes.
    var option: String { get }
    /// The option's help, in one line.
    var summary: String { get }

    /// Why the scheme does not support a tensor; nil when it does.
    func unsupportedReason(_ tensor: TensorDescriptor) -> String?

    /// What the scheme does with a tensor of a component by default.
    func decision(_ tensor: TensorDescriptor, of component: Component?) -> QuantizationDecision

    /// Bytes of a tensor of this shape.
    func byteCount(_ shape: Shape) throws(DalleError) -> Int

    /// The tensor in this format, converted as it is read.
    ///
    /// - Parameters:
    ///   - weights: The importance of each column's error, if calibrated; a scheme may ignore it.
    ///   - allowsNonFinite: Infinities and NaNs are kept in types that can hold them.
    func convert(
        _ source: any TensorSource, weights: [Float]?, allowsNonFinite: Bool
    ) throws(DalleError) -> ConvertedTensor

    /// The minimum signal-to-noise ratio (of powers, not decibels), and the scheme to fall back to below it.
    var minimumRatio: (ratio: Double, otherwise: any QuantizationScheme)? { get }
}

extension QuantizationScheme {
    public var minimumRatio: (ratio: Double, otherwise: any QuantizationScheme)? { nil }
}

/// All schemes.
public enum QuantizationSchemes {
    /// Those with an option of the command.
    public static let all: [any QuantizationScheme] = [
        FloatCast.float16, FloatCast.bfloat16, Int8Rows.standard, Int4Rows.standard,
    ]

    /// The scheme of a name or an option; also float32, which `--keep REGEX=TYPE` may name.
    public static func named(_ name: String) -> (any QuantizationScheme)? {
        everything.first { $0.name == name || $0.option == name }
    }

    /// The names that `named` accepts.
    static var names: [String] { everything.map(\.name) }

    private static var everything: [any QuantizationScheme] { [FloatCast.float32] + all }
}

/// Whether a scheme keeps or converts a tensor, and why.
public enum QuantizationDecision: Sendable {
    case keep(reason: String)
    case convert(any QuantizationScheme, reason: String)
}

/// A tensor that is converted as it is written, or only measured.
public struct ConvertedTensor: Sendable {
    private enum Source: Sendable {
        case rounded(RoundedTensor)
        case packed(PackedTensor)
    }

    private let source: Source
    private let rows: ConvertedRows
    /// Bytes before compression.
    public let byteCount: Int

    init(_ tensor: RoundedTensor) {
        source = .rounded(tensor)
        rows = tensor.rows
        byteCount = tensor.shape.byteCount(tensor.dtype)
    }

    init(_ tensor: PackedTensor) {
        source = .packed(tensor)
        rows = tensor.rows
        byteCount = tensor.packing.byteCount
    }

    /// The quantisation error; available after writing or measuring.
    public var error: TensorError { rows.error }

    /// - Parameter progress: called with the fraction done.
    func write(
        _ name: String, to writer: ModelFileWriter, _ compression: Compression, progress: (Double) -> Void
    ) throws(DalleError) {
        var done = 0
        func advance(_ count: Int) {
            done += count
            progress(Double(done) / Double(byteCount))
        }
        switch source {
        case .rounded(let tensor): try writer.add(name, tensor, compression: compression, progress: advance)
        // Kernels read integers in place from the mapped file; zstd would save only a tenth.
        case .packed(let tensor): try writer.add(name, packed: tensor, compression: .none, progress: advance)
        }
    }

    /// - Parameter progress: called with the fraction done.
    func measure(threads: Int, progress: (Double) -> Void) throws(DalleError) {
        try rows.measure(threads: threads, progress: progress)
    }
}
