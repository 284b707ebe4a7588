/// A tensor's elements as floats: in the file's own pages when it stores float32 as it is, else decoded.
public final class FloatTensor: Sendable {
    public let shape: Shape
    private let bytes: TensorBytes

    private init(shape: Shape, bytes: TensorBytes) {
        self.shape = shape
        self.bytes = bytes
    }

    /// Row-major elements.
    public var elements: Span<Float> {
        @_lifetime(borrow self)
        get { _overrideLifetime(Span<Float>(_unsafeBytes: bytes.buffer), borrowing: self) }
    }

    /// A copy of the elements; for small tensors.
    public var array: [Float] { elements.withUnsafeBufferPointer { Array($0) } }

    /// The elements at one index of the first axis.
    @_lifetime(borrow self)
    public func row(_ index: Int) -> Span<Float> {
        let width = shape.rowMajorStrides[0]
        return elements.extracting(index * width..<(index + 1) * width)
    }

    /// Rows decoded at a time.
    private static let batchElementCount = 1 << 20

    /// - Throws: `badData` when the tensor is missing, damaged, of another shape or not of floating-point numbers.
    public convenience init(
        _ file: ModelFile, _ name: String, shape: Shape, threads: Int = 1
    ) throws(DalleError) {
        let stored = try file.bytes(of: name, threads: threads)
        guard let descriptor = file.descriptor(name), descriptor.shape == shape else {
            throw DalleError(
                .badData, "has shape \(file.descriptor(name)?.shape ?? []), and the configuration calls for \(shape)",
                remedy: "Convert the checkpoint again", file: file.path, item: name)
        }
        if descriptor.dtype == .float32 {
            self.init(shape: shape, bytes: stored)
            return
        }
        let decoded = try TensorBytes(allocating: shape.byteCount(.float32))
        let dtype = descriptor.dtype
        let batches = (shape.count + Self.batchElementCount - 1) / Self.batchElementCount
        do throws(DalleError) {
            try Parallel.forEach(batches, threads: threads) { batch throws(DalleError) in
                let elements = batch * Self.batchElementCount..<min((batch + 1) * Self.batchElementCount, shape.count)
                try stored.decodeFloats(elements, dtype, into: decoded)
            }
        } catch {
            throw error.located(file: file.path, item: name)
        }
        stored.release()
        self.init(shape: shape, bytes: decoded)
    }

    /// Mapped pages go back to the system with the last user: a stage that is over takes no memory.
    deinit { bytes.release() }
}

extension TensorBytes {
    /// Decodes an element range to float32 at the same place of `target`.
    fileprivate func decodeFloats(
        _ elements: Range<Int>, _ dtype: DType, into target: TensorBytes
    ) throws(DalleError) {
        let size = dtype.byteCount
        try target.fill(elements.lowerBound * 4..<elements.upperBound * 4) { floats throws(DalleError) in
            try withUnsafeBytes { source throws(DalleError) in
                let part = UnsafeRawBufferPointer(
                    rebasing: source[elements.lowerBound * size..<elements.upperBound * size])
                var output = floats.bindMemory(to: Float.self).mutableSpan
                try dtype.decodeFloats(part.bytes, into: &output)
            }
        }
    }
}
