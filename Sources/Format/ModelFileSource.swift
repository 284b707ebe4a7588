/// A tensor of a model file as a source for another one.
public struct ModelFileSource: TensorSource {
    private let file: ModelFile
    private let name: String
    public let dtype: DType
    public let shape: Shape

    /// - Throws: `badData` when the file has no such tensor.
    public init(_ file: ModelFile, _ name: String) throws(DalleError) {
        guard let descriptor = file.descriptor(name) else {
            throw DalleError(.badData, "the tensor is not in the file", file: file.path, item: name)
        }
        self.file = file
        self.name = name
        dtype = descriptor.dtype
        shape = descriptor.shape
    }

    public func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        let size = dtype.byteCount
        let bytes = try file.bytes(of: name, elements.lowerBound * size..<elements.upperBound * size)
        bytes.withUnsafeBytes { target.copyMemory(from: $0) }
        bytes.release()
    }
}
