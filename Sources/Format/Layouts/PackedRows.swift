/// How a tensor of integers with scales lies in its bytes: `docs/FORMAT.md`, §5.
///
/// The tensor is a matrix: a row for each index of the first axis, all others its columns. First come the rows, `stride`
/// bytes each, then on a boundary of 64 bytes a float32 scale for each. An element is a whole number from −127 to 127 times
/// its row's scale.
public struct PackedRows: Sendable, Equatable {
    public enum Coding: Sendable, Equatable {
        /// A byte for each number.
        case int8
        /// Four bits for each number, from −8 to 7, to be multiplied by what the four bits of its group stand for.
        case int4
    }

    public let coding: Coding
    public let rows: Int
    public let columns: Int
    /// Bytes from one row to the next.
    public let stride: Int
    /// Where the scales start.
    public let scalesOffset: Int
    public let byteCount: Int

    /// Numbers of a row with its padding are a multiple of this, and the scales start on one.
    static let alignment = 64
    static let scaleByteCount = 4
    /// Numbers that share a multiplier.
    static let groupCount = 16

    /// What numbers of four bits are multiplied by, by the code of their group.
    static let multipliers: [Int32] = [1, 2, 4, 6, 8, 10, 12, 15, -1, -2, -4, -6, -8, -10, -12, -15]

    /// - Throws: `badData` when a tensor of this shape has no rows, or takes more bytes than can exist.
    public init(_ coding: Coding, _ shape: Shape) throws(DalleError) {
        guard shape.rank >= 2, shape.count > 0 else {
            throw DalleError(.badData, "shape \(shape) has no rows to be packed")
        }
        self.coding = coding
        rows = shape[0]
        columns = shape.rowMajorStrides[0]
        let padded = Self.aligned(columns)
        switch coding {
        case .int8: stride = padded
        case .int4: stride = padded / 2 + padded / Self.groupCount / 2
        }
        // A short row is padded to many times its size: only this can overflow, what a shape counts cannot.
        let (values, overflow) = rows.multipliedReportingOverflow(by: stride)
        guard !overflow, values <= Int.max / 4 else {
            throw DalleError(.badData, "shape \(shape) is too large to exist")
        }
        scalesOffset = Self.aligned(values)
        byteCount = scalesOffset + rows * Self.scaleByteCount
    }

    /// The packing of a layout; nil when it is `plain` or not known.
    init?(_ layout: TensorDescriptor.Layout, _ shape: Shape) throws(DalleError) {
        switch layout {
        case .int8Rows: try self.init(.int8, shape)
        case .int4Rows: try self.init(.int4, shape)
        default: return nil
        }
    }

    public var layout: TensorDescriptor.Layout {
        switch coding {
        case .int8: .int8Rows
        case .int4: .int4Rows
        }
    }

    /// The bytes of some rows, their padding included.
    public func valueBytes(_ rows: Range<Int>) -> Range<Int> { rows.lowerBound * stride..<rows.upperBound * stride }

    /// The bytes of the scales of some rows.
    public func scaleBytes(_ rows: Range<Int>) -> Range<Int> {
        scalesOffset + rows.lowerBound * Self.scaleByteCount..<scalesOffset + rows.upperBound * Self.scaleByteCount
    }

    /// The rows that hold a range of elements.
    func rows(holding elements: Range<Int>) -> Range<Int> {
        elements.isEmpty
            ? 0..<0 : elements.lowerBound / columns..<(elements.upperBound - 1) / columns + 1
    }

    private static func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}

extension TensorDescriptor.Layout {
    /// Integers of 8 bits with a scale for each row.
    public static let int8Rows = TensorDescriptor.Layout(name: "int8-rows", version: 1)
    /// Integers of 4 bits with a multiplier for each group and a scale for each row.
    public static let int4Rows = TensorDescriptor.Layout(name: "int4-rows", version: 1)
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
