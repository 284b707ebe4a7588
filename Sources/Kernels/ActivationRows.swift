internal import CKernels

/// A matrix that kernels read and write: a row for each token or pixel, as floats and, for weights of whole numbers, as
/// bytes.
///
/// Threads may write different rows or columns at the same time; that they differ is up to the caller.
public final class ActivationRows: @unchecked Sendable {
    public let rows: Int
    public let columns: Int
    /// Whether what rounding to bytes leaves is kept, as bytes of its own: products with weights of whole numbers then
    /// take twice the work, and inputs of some 15 bits.
    public let isFine: Bool
    /// Floats from one row to the next.
    public let stride: Int
    let floats: UnsafeMutablePointer<Float>

    // One byte for each number, padded with zeros, and what each row's bytes are to be multiplied by and add up to.
    // Of fine rows, what is left and the products with it follow as as many rows more.
    let byteStride: Int
    let bytes: UnsafeMutablePointer<Int8>
    let scales: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Int32>

    /// All zero.
    public init(rows: Int, columns: Int, isFine: Bool = false) {
        precondition(rows > 0 && columns > 0)
        self.rows = rows
        self.columns = columns
        self.isFine = isFine
        let all = isFine ? 2 * rows : rows
        stride = Self.spread(columns, Int(CK_FLOAT_PADDING))
        byteStride = Self.spread(columns, Int(CK_BYTE_PADDING))
        floats = Self.allocate(all * stride, 0)
        bytes = Self.allocate(all * byteStride, 0)
        scales = Self.allocate(all, 0)
        sums = Self.allocate(all, 0)
    }

    deinit {
        floats.deallocate()
        bytes.deallocate()
        scales.deallocate()
        sums.deallocate()
    }

    /// A row's numbers, without padding.
    public func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
        precondition((0..<rows).contains(index))
        return UnsafeMutableBufferPointer(start: floats + index * stride, count: columns)
    }

    var byteInputs: ck_bytes { ck_bytes(values: bytes, stride: byteStride, scales: scales, sums: sums) }

    static func padded(_ count: Int, to multiple: Int) -> Int { (count + multiple - 1) / multiple * multiple }

    /// Padded to an odd multiple: rows a power of two apart would share a few places of the cache.
    private static func spread(_ count: Int, _ multiple: Int) -> Int {
        (padded(count, to: multiple) / multiple | 1) * multiple
    }

    private static func allocate<Element>(_ count: Int, _ value: Element) -> UnsafeMutablePointer<Element> {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
        let elements = memory.bindMemory(to: Element.self, capacity: count)
        elements.initialize(repeating: value, count: count)
        return elements
    }
}
