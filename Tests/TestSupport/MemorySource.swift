public import DalleFormat

/// A tensor in memory, for writing test files.
public struct MemorySource: TensorSource {
    public let dtype: DType
    public let shape: Shape
    private let bytes: [UInt8]

    public init(dtype: DType, shape: Shape, bytes: [UInt8]) {
        precondition(bytes.count == shape.byteCount(dtype))
        self.dtype = dtype
        self.shape = shape
        self.bytes = bytes
    }

    public init(_ floats: [Float], _ shape: Shape) {
        self.init(dtype: .float32, shape: shape, bytes: floats.withUnsafeBytes { Array($0) })
    }

    public func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        let size = dtype.byteCount
        target.copyBytes(from: bytes[elements.lowerBound * size..<elements.upperBound * size])
    }
}
