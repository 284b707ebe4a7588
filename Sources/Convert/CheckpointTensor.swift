public import DalleFormat

/// An array of a checkpoint as a strided view of its bytes.
///
/// Importers only rearrange views: a layer is a slice, a transposed matrix a permutation of axes. Elements are copied when
/// the writer reads them, chunk by chunk.
public struct CheckpointTensor: TensorSource {
    /// The name in the checkpoint, for messages.
    public let name: String
    public let dtype: DType
    public let shape: Shape

    private var storage: CheckpointStorage
    /// Element index of the first element, and elements between neighbours along each axis.
    private let start: Int
    private let strides: [Int]
    /// Whether the elements are the negatives of the storage's (PyTorch's negative bit).
    private let isNegated: Bool

    /// A view with any strides, which may be 0 or overlap.
    ///
    /// - Throws: `badData` when an element would lie outside the storage.
    init(
        name: String, dtype: DType, shape: Shape, storage: CheckpointStorage, start: Int, strides: [Int],
        isNegated: Bool = false
    ) throws(DalleError) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.storage = storage
        self.isNegated = isNegated
        // Empty tensors: use canonical strides, the file's may be arbitrary.
        self.start = shape.count > 0 ? start : 0
        self.strides = shape.count > 0 ? strides : shape.rowMajorStrides
        guard strides.count == shape.rank, start >= 0, strides.allSatisfy({ $0 >= 0 }) else {
            throw DalleError(.badData, "shape \(shape) with offset \(start) and strides \(strides)", item: name)
        }
        guard shape.count > 0 else { return }
        var last = start
        for (extent, step) in zip(shape.extents, strides) {
            let (distance, overflow) = (extent - 1).multipliedReportingOverflow(by: step)
            let (sum, overflow2) = last.addingReportingOverflow(distance)
            guard !overflow, !overflow2 else {
                throw DalleError(.badData, "shape \(shape) with strides \(strides) is too large to exist", item: name)
            }
            last = sum
        }
        guard last < storage.count else {
            throw DalleError(
                .badData,
                "shape \(shape) with offset \(start) needs \(last + 1) elements and \(storage.count) are there",
                remedy: "The file is damaged or cut off: get it again", item: name)
        }
    }

    /// A row-major array that fills its storage.
    ///
    /// - Throws: `badData` when the storage has another size than the shape.
    init(name: String, dtype: DType, shape: Shape, storage: CheckpointStorage) throws(DalleError) {
        guard storage.count == shape.count else {
            throw DalleError(
                .badData,
                "shape \(shape) of \(dtype.rawValue) needs \(shape.byteCount(dtype)) bytes and "
                    + "\(storage.count * storage.elementSize) are there",
                remedy: "The file is damaged: get it again", item: name)
        }
        try self.init(
            name: name, dtype: dtype, shape: shape, storage: storage, start: 0, strides: shape.rowMajorStrides)
    }

    /// Whether the elements lie in row-major order without gaps.
    public var isRowMajor: Bool {
        zip(zip(shape.extents, strides), shape.rowMajorStrides).allSatisfy { $0.0 <= 1 || $0.1 == $1 }
    }

    /// The slice at an index of the first axis.
    func slice(_ index: Int) throws(DalleError) -> CheckpointTensor {
        guard let extent = shape.extents.first, (0..<extent).contains(index) else {
            throw DalleError(.badData, "has no part \(index) in shape \(shape)", item: name)
        }
        return try CheckpointTensor(
            name: name, dtype: dtype, shape: try Shape(Array(shape.extents.dropFirst())), storage: storage,
            start: start + index * strides[0], strides: Array(strides.dropFirst()), isNegated: isNegated)
    }

    /// The slices at a range of indices of the first axis.
    func rows(_ range: Range<Int>) throws(DalleError) -> CheckpointTensor {
        guard let extent = shape.extents.first, range.lowerBound >= 0, range.upperBound <= extent else {
            throw DalleError(.badData, "has no parts \(range) in shape \(shape)", item: name)
        }
        return try CheckpointTensor(
            name: name, dtype: dtype, shape: try Shape([range.count] + shape.extents.dropFirst()), storage: storage,
            start: start + range.lowerBound * strides[0], strides: strides, isNegated: isNegated)
    }

    /// The axes permuted: axis i of the result is axis `axes[i]` of this tensor.
    func permuted(_ axes: [Int]) throws(DalleError) -> CheckpointTensor {
        guard axes.sorted() == Array(0..<shape.rank) else {
            throw DalleError(.badData, "has shape \(shape), where \(axes.count) axes are expected", item: name)
        }
        return try CheckpointTensor(
            name: name, dtype: dtype, shape: try Shape(axes.map { shape[$0] }), storage: storage, start: start,
            strides: axes.map { strides[$0] }, isNegated: isNegated)
    }

    /// The same elements in a shape that differs only in axes of length 1; nil when it differs otherwise.
    func withUnitAxes(of target: Shape) throws(DalleError) -> CheckpointTensor? {
        guard target != shape else { return self }
        let axes = zip(shape.extents, strides).filter { $0.0 != 1 }
        guard axes.map(\.0) == target.extents.filter({ $0 != 1 }) else { return nil }
        var rest = axes.map(\.1)[...]
        let strides = target.extents.map { $0 == 1 ? 1 : rest.popFirst() ?? 1 }
        return try CheckpointTensor(
            name: name, dtype: dtype, shape: target, storage: storage, start: start, strides: strides,
            isNegated: isNegated)
    }

    /// Whether another view has the same elements of the same files, in the same order.
    func hasSameElements(as other: CheckpointTensor) -> Bool {
        dtype == other.dtype && shape == other.shape && start == other.start && strides == other.strides
            && isNegated == other.isNegated
            && storage.isSame(as: other.storage)
    }

    /// The same elements in another row-major shape.
    func reshaped(_ extents: [Int]) throws(DalleError) -> CheckpointTensor {
        let target = try Shape(extents)
        guard target.count == shape.count, isRowMajor else {
            throw DalleError(.badData, "has shape \(shape), expected \(target)", item: name)
        }
        return try CheckpointTensor(
            name: name, dtype: dtype, shape: target, storage: storage, start: start, strides: target.rowMajorStrides,
            isNegated: isNegated)
    }

    public func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        guard elements.lowerBound >= 0, elements.upperBound <= shape.count,
            target.count == elements.count * dtype.byteCount
        else {
            throw DalleError(.fault, "elements \(elements) of shape \(shape) into \(target.count) bytes", item: name)
        }
        guard !elements.isEmpty else { return }
        var opened = self
        opened.storage = try storage.opened()
        opened.copy(elements, into: target)
        if isNegated { negate(target) }
    }

    /// Copies elements of an opened storage.
    private func copy(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
        guard let base = target.baseAddress else { return }
        if isRowMajor {
            var done = 0
            storage.forEachContiguousRun(start + elements.lowerBound..<start + elements.upperBound) { bytes in
                UnsafeMutableRawBufferPointer(rebasing: target[done...]).copyMemory(from: bytes)
                done += bytes.count
            }
            // Large tensors are read once: give their pages back.
            if done >= 1 << 20 { storage.release(start + elements.lowerBound..<start + elements.upperBound) }
            return
        }
        switch dtype.byteCount {
        case 1: gather(UInt8.self, elements, into: base)
        case 2: gather(UInt16.self, elements, into: base)
        case 4: gather(UInt32.self, elements, into: base)
        default: gather(UInt64.self, elements, into: base)
        }
    }

    private func negate(_ target: UnsafeMutableRawBufferPointer) {
        func each<Element: FixedWidthInteger & BitwiseCopyable>(
            _: Element.Type, _ negated: (Element) -> Element
        ) {
            let size = MemoryLayout<Element>.size
            for offset in stride(from: 0, to: target.count - size + 1, by: size) {
                let element = target.loadUnaligned(fromByteOffset: offset, as: Element.self)
                target.storeBytes(of: negated(element), toByteOffset: offset, as: Element.self)
            }
        }
        // A floating-point number's sign is its highest bit; integers are negated with wraparound.
        switch (dtype.byteCount, dtype.isFloatingPoint) {
        case (2, true): each(UInt16.self) { $0 ^ 1 << 15 }
        case (4, true): each(UInt32.self) { $0 ^ 1 << 31 }
        case (_, true): each(UInt64.self) { $0 ^ 1 << 63 }
        case (1, false): each(UInt8.self) { 0 &- $0 }
        case (2, false): each(UInt16.self) { 0 &- $0 }
        case (4, false): each(UInt32.self) { 0 &- $0 }
        case (_, false): each(UInt64.self) { 0 &- $0 }
        }
    }

    public func finish() {
        guard shape.count > 0 else { return }
        storage.release(start..<lastElement + 1)
    }

    private var lastElement: Int {
        zip(shape.extents, strides).reduce(start) { $0 + ($1.0 - 1) * $1.1 }
    }

    private func gather<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, _ elements: Range<Int>, into target: UnsafeMutableRawPointer
    ) {
        let isInOneChunk = storage.withContiguousBytes(start...lastElement) { source in
            if let rows = wholeColumns(elements) {
                gatherTransposed(Element.self, rows, source, into: target)
            } else {
                gatherPlain(Element.self, elements, source, into: target)
            }
        }
        if !isInOneChunk { gatherAcrossChunks(elements, into: target) }
    }

    /// The rows that make up an element range, if they are adjacent columns in the storage.
    func wholeColumns(_ elements: Range<Int>) -> Range<Int>? {
        guard shape.rank >= 2, strides[0] == 1, strides[shape.rank - 1] != 1 else { return nil }
        let row = shape.rowMajorStrides[0]
        guard elements.lowerBound % row == 0, elements.upperBound % row == 0 else { return nil }
        return elements.lowerBound / row..<elements.upperBound / row
    }

    /// A transposed matrix, or a batch of them along the axes between the first and the last.
    func gatherTransposed<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, _ rows: Range<Int>, _ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer
    ) {
        let size = MemoryLayout<Element>.size
        let (columns, rowLength) = (shape[shape.rank - 1], shape.rowMajorStrides[0])
        let transpose = Transpose(
            rows: rows.count, columns: columns, sourceStride: strides[shape.rank - 1], targetStride: rowLength)
        let matrices = StridedWalk(shape: shape, strides: strides)
        matrices.forEachRun(0..<rowLength) { done, index, _ in
            transpose.run(Element.self, source + (index + rows.lowerBound) * size, into: target + done * size)
        }
    }

    /// Arbitrary strides, element by element.
    func gatherPlain<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, _ elements: Range<Int>, _ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer
    ) {
        let size = MemoryLayout<Element>.size
        let walk = StridedWalk(shape: shape, strides: strides)
        walk.forEachRun(elements) { done, index, count in
            for i in 0..<count {
                let value = source.loadUnaligned(
                    fromByteOffset: (index &+ i &* walk.innerStride) &* size, as: Element.self)
                target.storeBytes(of: value, toByteOffset: (done &+ i) &* size, as: Element.self)
            }
        }
    }

    /// Elements that lie in several chunks of a split array.
    private func gatherAcrossChunks(_ elements: Range<Int>, into target: UnsafeMutableRawPointer) {
        let size = dtype.byteCount
        let walk = StridedWalk(shape: shape, strides: strides)
        walk.forEachRun(elements) { done, index, count in
            for i in 0..<count {
                let element = start + index + i * walk.innerStride
                storage.forEachContiguousRun(element..<element + 1) { bytes in
                    UnsafeMutableRawBufferPointer(start: target + (done + i) * size, count: size).copyMemory(
                        from: bytes)
                }
            }
        }
    }
}

/// The order in which a strided view's elements are visited.
private struct StridedWalk {
    let shape: Shape
    let strides: [Int]

    var innerStride: Int { strides[strides.count - 1] }

    /// Calls `body` for each run along the last axis: elements visited before it, its first element's index, length.
    func forEachRun(_ elements: Range<Int>, _ body: (_ done: Int, _ index: Int, _ count: Int) -> Void) {
        let inner = shape[shape.rank - 1]
        var element = elements.lowerBound
        while element < elements.upperBound {
            let column = element % inner
            let count = min(inner - column, elements.upperBound - element)
            var (row, index) = (element / inner, column * innerStride)
            for axis in (0..<shape.rank - 1).reversed() {
                index += row % shape[axis] * strides[axis]
                row /= shape[axis]
            }
            body(element - elements.lowerBound, index, count)
            element += count
        }
    }
}
