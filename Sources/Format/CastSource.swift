import Synchronization

/// A floating-point tensor whose elements are checked, and converted to another type, as they are read.
///
/// Nothing infinite gets through, neither what the source holds nor what a shorter type makes of it, unless that is asked
/// for; what becomes 0 is counted.
public final class CastSource: TensorSource {
    private let source: any TensorSource
    public let dtype: DType
    private let allowsNonFinite: Bool
    private let remedy: @Sendable (NumberFault) -> String
    private let vanishedCount = Atomic(0)

    public var shape: Shape { source.shape }

    /// - Parameters:
    ///   - dtype: The source's own type, for elements that are only checked.
    ///   - allowsNonFinite: Infinities, and NaNs, are written as they are.
    ///   - remedy: What to do about a number that is refused.
    /// - Throws: `badData` when either type is not a floating-point one.
    public init(
        _ source: any TensorSource, to dtype: DType, allowsNonFinite: Bool = false,
        remedy: @escaping @Sendable (NumberFault) -> String = { _ in "Convert to a type that holds it" }
    ) throws(DalleError) {
        guard source.dtype.isFloatingPoint, dtype.isFloatingPoint else {
            throw DalleError(.badData, "\(source.dtype.rawValue) cannot be converted to \(dtype.rawValue)")
        }
        self.source = source
        self.dtype = dtype
        self.allowsNonFinite = allowsNonFinite
        self.remedy = remedy
    }

    /// How many of the elements read so far were not 0 and are now.
    public var vanished: Int { vanishedCount.load(ordering: .relaxed) }

    /// - Throws: `badData` with row and value for a number that is none or does not fit the type.
    public func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        if source.dtype == dtype {
            try source.read(elements, into: target)
            guard !allowsNonFinite, let index = dtype.firstNonFinite(UnsafeRawBufferPointer(target)) else { return }
            throw fault(UnsafeRawBufferPointer(target), index, of: elements)
        }
        let foreign = try Memory<UInt8>(elements.count * source.dtype.byteCount, for: "elements to be converted")
        defer { withExtendedLifetime(foreign) {} }
        try source.read(elements, into: foreign.bytes)
        let bytes = UnsafeRawBufferPointer(foreign.bytes)
        let loss = try convert(bytes, elements.count, into: target)
        if loss.vanished > 0 { vanishedCount.add(loss.vanished, ordering: .relaxed) }
        guard loss.isNonFinite, !allowsNonFinite,
            let index = dtype.firstNonFinite(UnsafeRawBufferPointer(target))
        else { return }
        throw fault(bytes, index, of: elements)
    }

    private func convert(
        _ bytes: UnsafeRawBufferPointer, _ count: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(DalleError) -> EncodingLoss {
        try Memory<Float>.lend(count, for: "elements to be converted") { floats throws(DalleError) in
            floats.initialize(repeating: 0)
            var decoded = floats.mutableSpan
            let narrowed = try source.dtype.decodeFloats(bytes.bytes, into: &decoded)
            var encoded = target.mutableBytes
            var loss = try dtype.encodeFloats(floats.span, into: &encoded)
            loss.vanished += narrowed.vanished
            return loss
        }
    }

    private func fault(_ bytes: UnsafeRawBufferPointer, _ index: Int, of elements: Range<Int>) -> DalleError {
        let size = source.dtype.byteCount
        let element = UnsafeRawBufferPointer(rebasing: bytes[index * size..<(index + 1) * size])
        let fault = NumberFault(
            element, of: source.dtype, element: elements.lowerBound + index, in: shape, becoming: dtype)
        return fault.error(remedy: remedy(fault))
    }

    public func finish() { source.finish() }
}
