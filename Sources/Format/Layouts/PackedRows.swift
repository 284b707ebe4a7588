/// How a tensor of whole numbers with scales lies in its bytes: `docs/FORMAT.md`, §5.
///
/// The tensor is a matrix: a row for each index of the first axis, all others its columns. First come the rows, each
/// filled up to `stride` bytes, then on a boundary of 64 bytes the scales. A number is a whole number times its scale.
public struct PackedRows: Sendable, Equatable {
    public enum Coding: Sendable, Equatable {
        /// A byte for each number, from −127 to 127, and one float32 scale for each row.
        case int8
        /// Four bits for each number, from −8 to 7, and one float16 scale for each group of a row.
        case int4
    }

    public let coding: Coding
    public let rows: Int
    public let columns: Int
    /// Bytes from one row to the next.
    public let stride: Int
    /// Scales of one row.
    public let scalesPerRow: Int
    public let scaleType: DType
    /// Where the scales start.
    public let scalesOffset: Int
    public let byteCount: Int

    /// Numbers that share a scale, in a row of four-bit numbers.
    public static let groupCount = 32
    /// Rows and scales start on a multiple of this.
    static let alignment = 64

    /// - Throws: `badData` when a tensor of this shape has no rows, or takes more bytes than can exist.
    public init(_ coding: Coding, _ shape: Shape) throws(DalleError) {
        guard shape.rank >= 2, shape.count > 0 else {
            throw DalleError(.badData, "shape \(shape) has no rows to be packed")
        }
        self.coding = coding
        rows = shape[0]
        columns = shape.rowMajorStrides[0]
        switch coding {
        case .int8:
            stride = Self.aligned(columns)
            scalesPerRow = 1
            scaleType = .float32
        case .int4:
            scalesPerRow = (columns + Self.groupCount - 1) / Self.groupCount
            stride = scalesPerRow * Self.groupCount / 2
            scaleType = .float16
        }
        // A short row is padded to many times its size: only this can overflow, what a shape counts cannot.
        let (values, overflow) = rows.multipliedReportingOverflow(by: stride)
        guard !overflow, values <= Int.max / 4 else {
            throw DalleError(.badData, "shape \(shape) is too large to exist")
        }
        scalesOffset = Self.aligned(values)
        byteCount = scalesOffset + rows * scalesPerRow * scaleType.byteCount
    }

    /// The packing of a layout; nil when it is `plain` or not known.
    init?(_ layout: TensorDescriptor.Layout, _ shape: Shape) throws(DalleError) {
        switch layout {
        case .int8Rows: try self.init(.int8, shape)
        case .int4Groups: try self.init(.int4, shape)
        default: return nil
        }
    }

    public var layout: TensorDescriptor.Layout {
        switch coding {
        case .int8: .int8Rows
        case .int4: .int4Groups
        }
    }

    /// The bytes of some rows, their padding included.
    public func valueBytes(_ rows: Range<Int>) -> Range<Int> { rows.lowerBound * stride..<rows.upperBound * stride }

    /// The bytes of the scales of some rows.
    public func scaleBytes(_ rows: Range<Int>) -> Range<Int> {
        let size = scalesPerRow * scaleType.byteCount
        return scalesOffset + rows.lowerBound * size..<scalesOffset + rows.upperBound * size
    }

    /// The rows that hold a range of elements.
    func rows(holding elements: Range<Int>) -> Range<Int> {
        elements.isEmpty
            ? 0..<0 : elements.lowerBound / columns..<(elements.upperBound - 1) / columns + 1
    }

    private static func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}

extension TensorDescriptor.Layout {
    /// Whole numbers of 8 bits with a scale for each row.
    public static let int8Rows = TensorDescriptor.Layout(name: "int8-rows", version: 1)
    /// Whole numbers of 4 bits with a scale for each group of a row.
    public static let int4Groups = TensorDescriptor.Layout(name: "int4-groups", version: 1)
}

extension TensorDescriptor {
    /// How its rows are packed; nil when they are plain, or in a layout that is not known.
    public var packing: PackedRows? {
        // A descriptor has been held against its layout when it was read.
        do { return try PackedRows(layout, shape) } catch { return nil }
    }

    /// Bytes that its elements take in the plain layout.
    public var plainByteCount: Int { shape.byteCount(dtype) }
}
