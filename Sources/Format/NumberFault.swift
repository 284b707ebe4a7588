/// A number of a tensor that nothing can be computed with, or that a type cannot hold.
///
/// One mechanism for everyone who writes weights: it is found while they are copied or converted.
public struct NumberFault: Sendable, Equatable {
    /// The number as the source has it.
    public let value: String
    /// The element's place: `row 3`, or `number 3` of a tensor that has no rows.
    public let place: String
    /// The type that cannot hold it; nil of what is infinite or no number in the source already.
    public let overflowed: DType?

    /// - Parameters:
    ///   - element: Its index in row-major order.
    ///   - bytes: Those of the element, as the source has it.
    ///   - dtype: The source's type.
    ///   - target: The type it is to become, which may be the same.
    public init(_ bytes: UnsafeRawBufferPointer, of dtype: DType, element: Int, in shape: Shape, becoming target: DType)
    {
        value = dtype.text(bytes)
        place = shape.place(of: element)
        overflowed = dtype.firstNonFinite(bytes) == nil ? target : nil
    }

    public var message: String {
        guard let overflowed else { return "\(place) holds \(value), where a finite number is expected" }
        return "\(place) holds \(value), over the largest \(overflowed.rawValue)"
    }

    /// - Parameter remedy: What the user of a command can do about it.
    public func error(remedy: String) -> DalleError { DalleError(.badData, message, remedy: remedy) }
}

/// What floats lost in becoming elements of a shorter type.
public struct EncodingLoss: Sendable, Equatable {
    /// Whether something written is infinite or no number.
    public var isNonFinite = false
    /// Numbers that were not 0 and are now.
    public var vanished = 0

    public init() {}
}

extension DType {
    /// The index of the first element that is infinite or no number; nil of a type that has only numbers.
    ///
    /// As fast as the bytes come from a cache: the exponent of such an element, all ones, is the only one from which its
    /// lowest bit carries into the sign's place.
    public func firstNonFinite(_ bytes: UnsafeRawBufferPointer) -> Int? {
        switch self {
        case .float64: first(bytes, exponent: UInt64(0x7FF) << 52)
        case .float32: first(bytes, exponent: UInt32(0xFF) << 23)
        case .float16: first(bytes, exponent: UInt16(0x1F) << 10)
        case .bfloat16: first(bytes, exponent: UInt16(0xFF) << 7)
        default: nil
        }
    }

    @inline(__always)
    private func first<Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, exponent: Bits
    ) -> Int? {
        let size = MemoryLayout<Bits>.size
        let count = bytes.count / size
        let (lowest, sign) = (exponent & (0 &- exponent), ~(Bits.max >> 1))
        func carried(_ index: Int) -> Bits {
            let bits = Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: index &* size, as: Bits.self))
            return (bits & exponent) &+ lowest
        }
        var any: Bits = 0
        for index in 0..<count { any |= carried(index) }
        return any & sign == 0 ? nil : (0..<count).first { carried($0) & sign != 0 }
    }

    /// A single element as people read it.
    fileprivate func text(_ bytes: UnsafeRawBufferPointer) -> String {
        switch self {
        case .float64: "\(Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))))"
        case .float32: "\(Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))))"
        case .float16: "\(FloatBits.float(half: UInt16(littleEndian: bytes.loadUnaligned(as: UInt16.self))))"
        case .bfloat16: "\(FloatBits.float(bfloat: UInt16(littleEndian: bytes.loadUnaligned(as: UInt16.self))))"
        default: "\(Array(bytes))"
        }
    }
}

extension Shape {
    /// Where an element stands, for messages.
    ///
    /// A row is what one index of the first axis selects, as everywhere in a model file.
    public func place(of element: Int) -> String {
        rank < 2 ? "number \(element)" : "row \(element / max(rowMajorStrides[0], 1))"
    }
}
