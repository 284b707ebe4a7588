import DalleThreads

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

    /// Elements decoded at a time.
    private static let batchElementCount = 1 << 20

    /// - Throws: `badData` when the tensor is missing, damaged, of another shape or not of floating-point numbers.
    public convenience init(
        _ file: ModelFile, _ name: String, shape: Shape, threads: Int = 1
    ) throws(DalleError) {
        let stored = try FloatElements(file, name, shape: shape, threads: threads)
        if let floats = stored.plainFloats {
            self.init(shape: shape, bytes: floats)
            return
        }
        let decoded = try TensorBytes(allocating: shape.byteCount(.float32))
        let batches = (shape.count + Self.batchElementCount - 1) / Self.batchElementCount
        do throws(DalleError) {
            try Parallel.forEach(batches, threads: threads) { batch throws(DalleError) in
                let elements = batch * Self.batchElementCount..<min((batch + 1) * Self.batchElementCount, shape.count)
                try decoded.fill(elements.lowerBound * 4..<elements.upperBound * 4) { floats throws(DalleError) in
                    var target = floats.bindMemory(to: Float.self).mutableSpan
                    try stored.read(elements, into: &target)
                }
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
