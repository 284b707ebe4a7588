public import DalleFormat

/// A way to write weights in fewer bits: a file in `Schemes/` and a line in `all`.
public protocol QuantizationScheme: Sendable {
    /// What provenance, reports and `--keep REGEX=TYPE` call it.
    var name: String { get }
    /// The command's option for it, without dashes.
    var option: String { get }
    /// What the option does, in a line.
    var summary: String { get }

    /// Why a tensor's numbers cannot be written this way; nil when they can.
    func obstacle(_ tensor: TensorDescriptor) -> String?

    /// What the scheme does with a tensor of a component unless told otherwise.
    func decision(_ tensor: TensorDescriptor, of component: Component?) -> QuantizationDecision

    /// Bytes of a tensor of this shape.
    func byteCount(_ shape: Shape) throws(DalleError) -> Int

    /// The tensor this way, and how far that is from the source.
    ///
    /// - Parameters:
    ///   - weights: How much the error of each column matters, where that is known; a scheme may take no notice.
    ///   - progress: called with the share that is done.
    func convert(
        _ source: any TensorSource, weights: [Float]?, threads: Int, progress: (Double) -> Void
    ) throws(DalleError) -> ConvertedTensor

    /// The least ratio of signal to noise that the scheme is content with, and what takes its place under it.
    var leastRatio: (ratio: Double, otherwise: any QuantizationScheme)? { get }
}

extension QuantizationScheme {
    public var leastRatio: (ratio: Double, otherwise: any QuantizationScheme)? { nil }
}

/// The schemes there are.
public enum QuantizationSchemes {
    /// Those that are options of the command.
    public static let all: [any QuantizationScheme] = [
        FloatCast.float16, FloatCast.bfloat16, Int8Rows.standard, Int4Rows.standard,
    ]

    /// A type by its name or its option; also float32, which `--keep REGEX=TYPE` may ask for.
    public static func named(_ name: String) -> (any QuantizationScheme)? {
        (all + [FloatCast.float32]).first { $0.name == name || $0.option == name }
    }
}

/// What a scheme does with a tensor, and why.
public enum QuantizationDecision: Sendable {
    case stay(reason: String)
    case convert(any QuantizationScheme, reason: String)
}

/// A tensor that is to be written.
public struct ConvertedTensor: Sendable {
    enum Source: Sendable {
        case plain(any TensorSource)
        case packed(any PackedSource)
    }

    let source: Source
    public let error: TensorError

    /// Bytes before compression.
    public var byteCount: Int {
        switch source {
        case .plain(let source): source.shape.byteCount(source.dtype)
        case .packed(let source): source.packing.byteCount
        }
    }

    /// - Parameter progress: called with the number of bytes done since the last call.
    func write(
        _ name: String, to writer: ModelFileWriter, _ compression: Compression, progress: (Int) -> Void
    ) throws(DalleError) {
        switch source {
        case .plain(let source): try writer.add(name, source, compression: compression, progress: progress)
        // Kernels read whole numbers where they lie in the file; zstd would take a tenth off them.
        case .packed(let source): try writer.add(name, packed: source, compression: .none, progress: progress)
        }
    }
}
