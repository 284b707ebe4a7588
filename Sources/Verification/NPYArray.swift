public import DalleFormat

/// An array of NumPy, with its elements as doubles: exact for every type used in references.
///
/// Format: numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
public struct NPYArray: Sendable {
    public let shape: Shape
    /// In row-major order.
    public let values: [Double]

    /// A gigabyte, since elements become larger when they are read; references have a tenth.
    private static let maximumCount = 1 << 27

    public init(shape: Shape, values: [Double]) {
        self.shape = shape
        self.values = values
    }

    /// Reads the bytes of an .npy file.
    ///
    /// - Throws: `badData` when they are no array, or one of a type or order that is not supported.
    public init(_ bytes: [UInt8]) throws(DalleError) {
        var reader = ByteReader(bytes.span)
        guard bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else { throw DalleError(.badData, "is no NumPy array") }
        try reader.skip(6)
        let version = try reader.byte()
        try reader.skip(1)
        let length =
            version == 1 ? Int(try reader.littleEndian(UInt16.self)) : Int(try reader.littleEndian(UInt32.self))
        let header = try NPYHeader(try reader.text(length))
        shape = try Shape(header.extents)
        guard shape.count <= Self.maximumCount else {
            throw DalleError(.badData, "shape \(shape), expected at most \(Self.maximumCount) elements")
        }
        guard reader.remaining == shape.count * header.elementSize else {
            throw DalleError(
                .badData, "has \(reader.remaining) bytes of elements for shape \(shape)", offset: reader.offset)
        }
        var values: [Double] = []
        values.reserveCapacity(shape.count)
        for _ in 0..<shape.count { values.append(try header.element(&reader)) }
        self.values = header.isColumnMajor ? Self.rowMajor(values, shape) : values
    }

    /// The elements of an array whose first index runs fastest, in row-major order.
    private static func rowMajor(_ values: [Double], _ shape: Shape) -> [Double] {
        var result = values
        for target in result.indices {
            var (rest, source, step) = (target, 0, shape.count)
            // From the last axis, whose step in the source is the largest, to the first.
            for extent in shape.extents.reversed() {
                step /= extent
                source += rest % extent * step
                rest /= extent
            }
            result[target] = values[source]
        }
        return result
    }

    /// The elements as integers.
    ///
    /// - Throws: `badData` when one is none.
    public func integers() throws(DalleError) -> [Int] {
        var integers: [Int] = []
        for value in values {
            guard let integer = Int(exactly: value) else {
                throw DalleError(.badData, "holds \(value), where integers are expected")
            }
            integers.append(integer)
        }
        return integers
    }

    /// The part at an index of the first axis.
    public func part(_ index: Int) throws(DalleError) -> NPYArray {
        let shape = try Shape(Array(self.shape.extents.dropFirst()))
        return NPYArray(shape: shape, values: Array(values[index * shape.count..<(index + 1) * shape.count]))
    }
}

/// The Python dictionary in front of an array's elements.
private struct NPYHeader {
    let isColumnMajor: Bool
    let kind: Character
    let elementSize: Int
    let extents: [Int]

    init(_ text: String) throws(DalleError) {
        func value(_ key: String) throws(DalleError) -> Substring {
            guard let range = text.firstRange(of: "'\(key)':") else {
                throw DalleError(.badData, "a NumPy header without '\(key)'")
            }
            return text[range.upperBound...].drop { $0 == " " }
        }
        isColumnMajor = try value("fortran_order").hasPrefix("True")
        let type = try value("descr").dropFirst().prefix { $0 != "'" }
        guard let kind = type.dropFirst().first, "fiub".contains(kind), type.first == "<" || type.first == "|",
            let size = Int(type.dropFirst(2)), [1, 2, 4, 8].contains(size)
        else { throw DalleError(.badData, "an array of type '\(type)', which is not supported") }
        var extents: [Int] = []
        for field in try value("shape").dropFirst().prefix(while: { $0 != ")" }).split(separator: ",") {
            guard let extent = Int(field.filter { $0 != " " }) else {
                throw DalleError(.badData, "a shape that is not of integers")
            }
            extents.append(extent)
        }
        self.kind = kind
        self.extents = extents
        elementSize = size
    }

    func element(_ reader: inout ByteReader) throws(DalleError) -> Double {
        var bits: UInt64 = 0
        for i in 0..<elementSize { bits |= UInt64(try reader.byte()) << UInt64(8 * i) }
        switch (kind, elementSize) {
        case ("f", 8): return Double(bitPattern: bits)
        case ("f", 4): return Double(Float(bitPattern: UInt32(bits)))
        case ("f", 2): return Double(Float16(bitPattern: UInt16(bits)))
        case ("i", _):
            let shift = UInt64(64 - 8 * elementSize)
            return Double(Int64(bitPattern: bits << shift) >> Int64(shift))
        case ("u", _), ("b", 1): return Double(bits)
        default: throw DalleError(.badData, "an array of \(elementSize)-byte elements of kind '\(kind)'")
        }
    }
}
