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

    /// The tensor this way.
    ///
    /// - Parameters:
    ///   - weights: How much the error of each column matters, where that is known; a scheme may take no notice.
    ///   - allowsNonFinite: Infinities and what is no number are taken along, in a type that can hold them.
    func convert(
        _ source: any TensorSource, weights: [Float]?, allowsNonFinite: Bool
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
        everything.first { $0.name == name || $0.option == name }
    }

    /// What `named` knows them by.
    static var names: [String] { everything.map(\.name) }

    private static var everything: [any QuantizationScheme] { [FloatCast.float32] + all }
}

/// What a scheme does with a tensor, and why.
public enum QuantizationDecision: Sendable {
    case stay(reason: String)
    case convert(any QuantizationScheme, reason: String)
}

/// A tensor that is converted as it is written, or only to be measured.
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

    /// How far it is from its source; when it has been written or measured.
    public var error: TensorError { rows.error }

    /// - Parameter progress: called with the share that is done.
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
        // Kernels read whole numbers where they lie in the file; zstd would take a tenth off them.
        case .packed(let tensor): try writer.add(name, packed: tensor, compression: .none, progress: advance)
        }
    }

    /// - Parameter progress: called with the share that is done.
    func measure(threads: Int, progress: (Double) -> Void) throws(DalleError) {
        try rows.measure(threads: threads, progress: progress)
    }
}
