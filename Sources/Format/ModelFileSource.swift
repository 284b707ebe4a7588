/// A tensor of a model file as a source for another one; one of integers with scales as the floats they stand for.
public struct ModelFileSource: TensorSource {
    private let file: ModelFile
    private let name: String
    private let packing: PackedRows?
    public let dtype: DType
    public let shape: Shape

    /// - Throws: `badData` when the file has no such tensor.
    public init(_ file: ModelFile, _ name: String) throws(DalleError) {
        guard let descriptor = file.descriptor(name) else {
            throw DalleError(.badData, "the tensor is not in the file", file: file.path, item: name)
        }
        self.file = file
        self.name = name
        packing = descriptor.packing
        dtype = descriptor.dtype
        shape = descriptor.shape
    }

    public func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        let size = dtype.byteCount
        if let packing {
            let rows = packing.rows(holding: elements)
            let values = try file.bytes(of: name, packing.valueBytes(rows))
            let scales = try file.bytes(of: name, packing.scaleBytes(rows))
            packing.decode(
                elements, values: values.buffer, scales: scales.buffer, firstRow: rows.lowerBound,
                into: target.bindMemory(to: Float.self))
            // The scales stay: every piece reads some of them.
            values.release()
            withExtendedLifetime(scales) {}
            return
        }
        try file.read(name, elements.lowerBound * size..<elements.upperBound * size, into: target)
    }

    public func finish() { file.release(name) }
}
