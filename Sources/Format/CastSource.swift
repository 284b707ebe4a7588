/// A floating-point tensor whose elements are converted to another type as they are read.
public struct CastSource: TensorSource {
    private let source: any TensorSource
    public let dtype: DType

    public var shape: Shape { source.shape }

    /// - Throws: `badData` when either type is not a floating-point one.
    public init(_ source: any TensorSource, to dtype: DType) throws(DalleError) {
        guard source.dtype.isFloatingPoint, dtype.isFloatingPoint else {
            throw DalleError(.badData, "\(source.dtype.rawValue) cannot be converted to \(dtype.rawValue)")
        }
        self.source = source
        self.dtype = dtype
    }

    public func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        let count = elements.count
        let foreign = UnsafeMutableRawBufferPointer.allocate(byteCount: count * source.dtype.byteCount, alignment: 64)
        defer { foreign.deallocate() }
        try source.read(elements, into: foreign)
        let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        defer { floats.deallocate() }
        floats.initialize(repeating: 0)
        var decoded = floats.mutableSpan
        try source.dtype.decodeFloats(foreign.bytes, into: &decoded)
        var encoded = target.mutableBytes
        try dtype.encodeFloats(floats.span, into: &encoded)
    }

    public func finish() { source.finish() }
}
