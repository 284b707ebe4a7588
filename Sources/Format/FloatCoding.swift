/// Conversion between `Float` and the bytes of the floating-point element types.
///
/// Bit arithmetic instead of Swift's `Float16` initialisers: those are a library call for each element on x86-64,
/// these loops vectorise. Rounding is to nearest, ties to even, as NumPy and JAX do.
extension DType {
    /// Decodes `target.count` little-endian elements of this type.
    ///
    /// - Throws: `badData` when this is not a floating-point type or `source` has another length.
    public func decodeFloats(_ source: RawSpan, into target: inout MutableSpan<Float>) throws(DalleError) {
        guard isFloatingPoint else {
            throw DalleError(.badData, "elements of type \(rawValue), where floating-point numbers are expected")
        }
        let count = target.count
        guard source.byteCount == count * byteCount else {
            throw DalleError(.badData, "\(source.byteCount) bytes for \(count) elements of type \(rawValue)")
        }
        source.withUnsafeBytes { bytes in
            target.withUnsafeMutableBufferPointer { floats in
                switch self {
                case .float32:
                    UnsafeMutableRawBufferPointer(floats).copyMemory(from: bytes)
                case .float16:
                    for i in 0..<count { floats[i] = FloatBits.float(half: bytes.element(i)) }
                case .bfloat16:
                    for i in 0..<count { floats[i] = FloatBits.float(bfloat: bytes.element(i)) }
                default:
                    for i in 0..<count { floats[i] = Float(Double(bitPattern: bytes.element(i))) }
                }
            }
        }
    }

    /// Encodes `source.count` floats as little-endian elements of this type.
    ///
    /// - Throws: `badData` when this is not a floating-point type or `target` has another length.
    public func encodeFloats(_ source: Span<Float>, into target: inout MutableRawSpan) throws(DalleError) {
        guard isFloatingPoint else {
            throw DalleError(.badData, "floating-point numbers cannot be written as \(rawValue)")
        }
        let count = source.count
        guard target.byteCount == count * byteCount else {
            throw DalleError(.badData, "\(target.byteCount) bytes for \(count) elements of type \(rawValue)")
        }
        source.withUnsafeBufferPointer { floats in
            target.withUnsafeMutableBytes { bytes in
                switch self {
                case .float32:
                    bytes.copyMemory(from: UnsafeRawBufferPointer(floats))
                case .float16:
                    for i in 0..<count { bytes.setElement(i, FloatBits.half(floats[i])) }
                case .bfloat16:
                    for i in 0..<count { bytes.setElement(i, FloatBits.bfloat(floats[i])) }
                default:
                    for i in 0..<count { bytes.setElement(i, Double(floats[i]).bitPattern) }
                }
            }
        }
    }
}

/// The bit patterns of single floats in the 16-bit types.
public enum FloatBits {
    /// The number that a float16 stands for; exact.
    @inline(__always)
    public static func float(half: UInt16) -> Float {
        let magnitude = UInt32(half & 0x7FFF) << 13
        // Normal numbers: move the exponent's bias from 15 to 127. Infinity and NaN: the rest of the way up to 255.
        let special: UInt32 = magnitude >= 0x0F80_0000 ? 112 << 23 : 0
        let normal = Float(bitPattern: magnitude &+ (112 << 23) &+ special)
        // Subnormal: let the subtraction of 2^-14 find the leading bit.
        let subnormal = Float(bitPattern: magnitude &+ (113 << 23)) - Float(bitPattern: 113 << 23)
        let value = magnitude < 1 << 23 ? subnormal : normal
        return Float(bitPattern: value.bitPattern | UInt32(half & 0x8000) << 16)
    }

    /// The nearest float16, of two the even one.
    @inline(__always)
    public static func half(_ value: Float) -> UInt16 {
        let sign = value.bitPattern & 0x8000_0000
        let magnitude = value.bitPattern ^ sign
        let result: UInt32
        if magnitude >= 143 << 23 {  // 65536 and up, infinity, NaN
            result = magnitude > 255 << 23 ? 0x7E00 : 0x7C00
        } else if magnitude < 113 << 23 {  // below 2^-14: adding 0.5 rounds at the right bit
            let shift: UInt32 = 126 << 23
            result = (Float(bitPattern: magnitude) + Float(bitPattern: shift)).bitPattern &- shift
        } else {
            let odd = (magnitude >> 13) & 1
            result = (magnitude &- (112 << 23) &+ 0xFFF &+ odd) >> 13
        }
        return UInt16(truncatingIfNeeded: result | sign >> 16)
    }

    @inline(__always)
    static func float(bfloat: UInt16) -> Float { Float(bitPattern: UInt32(bfloat) << 16) }

    @inline(__always)
    static func bfloat(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
    }
}

extension UnsafeRawBufferPointer {
    @inline(__always)
    fileprivate func element<T: FixedWidthInteger & BitwiseCopyable>(_ index: Int) -> T {
        T(littleEndian: loadUnaligned(fromByteOffset: index &* MemoryLayout<T>.size, as: T.self))
    }
}

extension UnsafeMutableRawBufferPointer {
    @inline(__always)
    fileprivate func setElement<T: FixedWidthInteger & BitwiseCopyable>(_ index: Int, _ value: T) {
        storeBytes(of: value.littleEndian, toByteOffset: index &* MemoryLayout<T>.size, as: T.self)
    }
}
