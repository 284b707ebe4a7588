/// A tensor in memory: for the small ones that an importer makes instead of finding them in a checkpoint.
public struct BytesSource: TensorSource {
    public let dtype: DType
    public let shape: Shape
    private let bytes: [UInt8]

    /// A row of bytes.
    public init(_ bytes: [UInt8]) throws(DalleError) {
        dtype = .uint8
        shape = try Shape([bytes.count])
        self.bytes = bytes
    }

    /// - Throws: `fault` when the values do not fill the shape.
    public init(_ values: [UInt32], shape: Shape) throws(DalleError) {
        guard values.count == shape.count else {
            throw DalleError(.fault, "\(values.count) values for shape \(shape)")
        }
        dtype = .uint32
        self.shape = shape
        var writer = ByteWriter()
        for value in values { writer.littleEndian(value) }
        bytes = writer.bytes
    }

    public func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        let size = dtype.byteCount
        let start = elements.lowerBound * size, end = elements.upperBound * size
        guard start >= 0, end <= bytes.count, target.count == end - start else {
            throw DalleError(.fault, "elements \(elements) of shape \(shape) into \(target.count) bytes")
        }
        target.copyBytes(from: bytes[start..<end])
    }
}
