import DalleFormat
import TestSupport
import Testing

@testable import DalleConvert

/// The tiled transpose against its plain twin, and against the rule.
@Suite struct TransposeTests {
    private static let sizes = [(1, 1), (3, 5), (4, 4), (64, 64), (65, 63), (130, 97), (300, 70), (7, 200), (200, 2)]

    @Test(arguments: sizes)
    func runIsRunPlain(_ rows: Int, _ columns: Int) {
        check(UInt8.self, rows, columns)
        check(UInt16.self, rows, columns)
        check(UInt32.self, rows, columns)
        check(UInt64.self, rows, columns)
    }

    private func check<Element: FixedWidthInteger & BitwiseCopyable>(_: Element.Type, _ rows: Int, _ columns: Int) {
        var generator = SeededGenerator(seed: 3)
        let size = MemoryLayout<Element>.size
        // Strides wider than the matrix: what lies between must stay.
        let transpose = Transpose(rows: rows, columns: columns, sourceStride: rows + 3, targetStride: columns + 1)
        let source = (0..<columns * (rows + 3) * size).map { _ in UInt8.random(in: 0...255, using: &generator) }
        var fast = [UInt8](repeating: 0xEE, count: rows * (columns + 1) * size)
        var plain = fast
        source.withUnsafeBytes { source in
            guard let source = source.baseAddress else { return }
            fast.withUnsafeMutableBytes { $0.baseAddress.map { transpose.run(Element.self, source, into: $0) } }
            plain.withUnsafeMutableBytes { $0.baseAddress.map { transpose.runPlain(Element.self, source, into: $0) } }
        }
        #expect(fast == plain)
        let (row, column) = (rows - 1, columns / 2)
        #expect(
            plain[(row * (columns + 1) + column) * size] == source[(column * (rows + 3) + row) * size])
    }

    /// A view that is transposed, with and without axes between, in pieces and whole.
    @Test(arguments: [
        ([37, 21], [1, 0]), ([2, 3, 9, 33], [3, 0, 1, 2]), ([3, 4, 5], [0, 2, 1]), ([6, 7], [0, 1]),
    ])
    func gatherTransposedIsGatherPlain(_ extents: [Int], _ axes: [Int]) throws {
        let shape = try Shape(extents)
        var generator = SeededGenerator(seed: 4)
        let bytes = (0..<shape.count * 2).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let directory = try TemporaryDirectory()
        let path = directory.path("array")
        let output = try AtomicFile(path, replacing: false)
        try output.append(bytes)
        try output.commit()
        let storage = try CheckpointStorage([.init(file: try MappedFile(path), range: 0..<bytes.count)], elementSize: 2)
        let array = try CheckpointTensor(name: "array", dtype: .float16, shape: shape, storage: storage)
        let view = try array.permuted(axes)
        let row = view.shape.rowMajorStrides[0]
        for elements in [0..<shape.count, row..<3 * row, 5..<shape.count - 1] {
            var fast = [UInt8](repeating: 0, count: elements.count * 2), plain = fast
            try fast.withUnsafeMutableBytes { try view.read(elements, into: $0) }
            bytes.withUnsafeBytes { source in
                plain.withUnsafeMutableBytes { target in
                    guard let source = source.baseAddress, let target = target.baseAddress else { return }
                    view.gatherPlain(UInt16.self, elements, source, into: target)
                }
            }
            #expect(fast == plain, "\(axes) \(elements)")
        }
        #expect((view.wholeColumns(0..<shape.count) != nil) == (axes[0] == extents.count - 1))
    }
}
