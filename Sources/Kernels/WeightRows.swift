internal import CKernels

/// What keeps the memory of weights.
public protocol WeightMemory: AnyObject, Sendable {
    /// Gives mapped pages back to the system until they are read again.
    func release()
}

/// A weight matrix where it lies in memory, most often in a mapped file: a row for each output.
public struct WeightRows: @unchecked Sendable {
    public enum Coding: Sendable, Equatable {
        case float32, float16, bfloat16
        /// A byte for each number and a float32 scale for each row.
        case int8
        /// Four bits for each number and for each group of 16, and a float32 scale for each row.
        case int4
    }

    public let coding: Coding
    public let rows: Int
    public let columns: Int
    /// Bytes from one row to the next.
    public let stride: Int
    let values: UnsafeRawPointer
    let scales: UnsafeRawPointer?
    /// Keeps the memory.
    private let owner: any WeightMemory

    /// Columns up to which sums of bytes cannot overflow.
    public static let columnLimit = 1 << 16

    /// - Parameters:
    ///   - stride: Bytes from one row to the next; rows of `int8` and `int4` are padded to a multiple of 64 numbers.
    ///   - scales: Of `int8` and `int4`, without gaps.
    ///   - owner: Keeps the memory valid.
    public init(
        _ coding: Coding, rows: Int, columns: Int, stride: Int, values: UnsafeRawBufferPointer,
        scales: UnsafeRawBufferPointer? = nil, owner: any WeightMemory
    ) {
        precondition(rows > 0 && columns > 0 && columns <= Self.columnLimit)
        let padded = ActivationRows.padded(columns, to: Int(CK_BYTE_PADDING))
        let (minimum, scaleByteCount) =
            switch coding {
            case .float32: (4 * columns, 0)
            case .float16, .bfloat16: (2 * columns, 0)
            case .int8: (padded, 4 * rows)
            case .int4: (padded / 32 * 17, 4 * rows)
            }
        precondition(stride >= minimum)
        precondition(values.count >= (rows - 1) * stride + minimum && scales?.count ?? 0 >= scaleByteCount)
        guard let base = values.baseAddress else { preconditionFailure("weights without memory") }
        self.coding = coding
        self.rows = rows
        self.columns = columns
        self.stride = stride
        self.values = base
        self.scales = scales?.baseAddress
        self.owner = owner
    }

    /// Gives mapped pages back to the system until they are read again.
    public func release() { owner.release() }

    /// Whether its products take bytes.
    public var usesInt8Activations: Bool { coding == .int8 || coding == .int4 }

    /// What the numbers of each row are multiplied by; nil of floats.
    public var rowScales: [Float]? {
        guard usesInt8Activations, let scales else { return nil }
        return Array(UnsafeRawBufferPointer(start: scales, count: 4 * rows).assumingMemoryBound(to: Float.self))
    }

    /// Bytes that a product reads.
    public var byteCount: Int { rows * stride + (usesInt8Activations ? 4 * rows : 0) }

    /// Numbers of a row with its padding, which products of integers count along.
    var paddedColumns: Int { ActivationRows.padded(columns, to: Int(CK_BYTE_PADDING)) }
}
