/// The extents of a tensor, outermost first; rank 0 is a scalar.
///
/// A shape is checked when it is made: the element count, and eight times it, fit an `Int`, so later size arithmetic
/// on it cannot overflow.
public struct Shape: Sendable, Hashable {
    /// More axes than any model of this family has; a larger rank is a damaged file.
    public static let maximumRank = 8

    public let extents: [Int]
    /// Number of elements; 1 for a scalar.
    public let count: Int

    /// - Throws: `badData` for a negative extent, a rank over `maximumRank`, or a size that overflows.
    public init(_ extents: [Int]) throws(DalleError) {
        guard extents.count <= Shape.maximumRank else {
            throw DalleError(.badData, "a tensor of rank \(extents.count); at most \(Shape.maximumRank) is supported")
        }
        // An extent of 0 must not hide the others: strides are products too.
        var product = 1
        for extent in extents {
            guard extent >= 0 else { throw DalleError(.badData, "a negative extent in shape \(extents)") }
            let (next, overflow) = product.multipliedReportingOverflow(by: max(extent, 1))
            guard !overflow, next <= Int.max / 8 else {
                throw DalleError(.badData, "shape \(extents) is too large to exist")
            }
            product = next
        }
        self.extents = extents
        count = extents.contains(0) ? 0 : product
    }

    public var rank: Int { extents.count }

    /// Bytes that elements of `dtype` take in this shape, without padding.
    public func byteCount(_ dtype: DType) -> Int { count * dtype.byteCount }

    /// Elements between neighbours along each axis of a row-major tensor.
    public var rowMajorStrides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        // An extent of 0 makes a step irrelevant; 1 keeps the strides positive and small.
        for axis in stride(from: rank - 2, through: 0, by: -1) {
            strides[axis] = strides[axis + 1] * max(extents[axis + 1], 1)
        }
        return strides
    }

    public subscript(axis: Int) -> Int { extents[axis] }
}

extension Shape: CustomStringConvertible {
    public var description: String { "[" + extents.map(String.init).joined(separator: ", ") + "]" }
}

extension Shape: ExpressibleByArrayLiteral {
    /// A literal shape; sizes written in source must be valid ones.
    public init(arrayLiteral extents: Int...) {
        do {
            self = try Shape(extents)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
