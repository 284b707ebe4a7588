/// A tensor to be written in a layout of integers with scales: its bytes, piece by piece.
public protocol PackedSource: Sendable {
    var shape: Shape { get }
    var packing: PackedRows { get }

    /// Writes the given bytes of the layout.
    ///
    /// Called for ranges of whole rows, or beginning or ending inside a row larger than a chunk, from several threads at
    /// once; what holds scales only when all before it has been read.
    func read(bytes: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError)

    /// Called when all bytes have been read once; a mapped source gives its pages back.
    func finish()
}

extension PackedSource {
    public func finish() {}
}

/// What the writer cuts into chunks: a tensor as the bytes of its layout.
protocol ByteSource: Sendable {
    var dtype: DType { get }
    var shape: Shape { get }
    var layout: TensorDescriptor.Layout { get }
    var byteCount: Int { get }
    /// Where that begins which can only be read when all before it has been.
    var closing: Int { get }
    /// Bytes that a chunk should hold whole.
    var unitByteCount: Int { get }
    /// How a chunk is split when it is compressed.
    var encoding: Chunk.Encoding { get }

    func read(bytes: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError)
    func finish()
}

/// The bytes of a tensor in the plain layout.
struct PlainBytes<Source: TensorSource>: ByteSource {
    let source: Source

    var dtype: DType { source.dtype }
    var shape: Shape { source.shape }
    var layout: TensorDescriptor.Layout { .plain }
    var byteCount: Int { shape.byteCount(dtype) }
    var closing: Int { byteCount }
    var unitByteCount: Int { dtype.byteCount * (shape.rank < 2 ? 1 : shape.rowMajorStrides[0]) }
    var encoding: Chunk.Encoding { Chunk.Encoding(planesOf: dtype) }

    func read(bytes: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        let size = dtype.byteCount
        try source.read(bytes.lowerBound / size..<bytes.upperBound / size, into: target)
    }

    func finish() { source.finish() }
}

/// The bytes of a tensor of integers, which stands for floats.
struct PackedBytes<Source: PackedSource>: ByteSource {
    let source: Source

    var dtype: DType { .float32 }
    var shape: Shape { source.shape }
    var layout: TensorDescriptor.Layout { source.packing.layout }
    var byteCount: Int { source.packing.byteCount }
    var closing: Int { source.packing.scalesOffset }
    var unitByteCount: Int { source.packing.stride }
    var encoding: Chunk.Encoding { Chunk.Encoding(planesOf: .int8) }

    func read(bytes: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        try source.read(bytes: bytes, into: target)
    }

    func finish() { source.finish() }
}
