/// Conversion between `Float` and the bytes of the floating-point element types.
///
/// Bit arithmetic instead of Swift's `Float16` initialisers: those are a library call for each element on x86-64,
/// these loops vectorise. Rounding is to nearest, ties to even, as NumPy and JAX do.
extension DType {
    /// Decodes `target.count` little-endian elements of this type.
    ///
    /// - Returns: What float64 loses on the way; the other types lose nothing, and are not looked at.
    /// - Throws: `badData` when this is not a floating-point type or `source` has another length.
    @discardableResult
    public func decodeFloats(
        _ source: RawSpan, into target: inout MutableSpan<Float>
    ) throws(DalleError) -> EncodingLoss {
        guard isFloatingPoint else {
            throw DalleError(.badData, "elements of type \(rawValue), where floating-point numbers are expected")
        }
        let count = target.count
        guard source.byteCount == count * byteCount else {
            throw DalleError(.badData, "\(source.byteCount) bytes for \(count) elements of type \(rawValue)")
        }
        var loss = EncodingLoss()
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
                    for i in 0..<count {
                        let value = Double(bitPattern: bytes.element(i))
                        floats[i] = Float(value)
                        loss.isNonFinite = loss.isNonFinite || !floats[i].isFinite
                        loss.vanished &+= floats[i] == 0 && value != 0 ? 1 : 0
                    }
                }
            }
        }
        return loss
    }

    /// Encodes `source.count` floats as little-endian elements of this type.
    ///
    /// - Returns: What was lost, counted in the loop that writes.
    /// - Throws: `badData` when this is not a floating-point type or `target` has another length.
    @discardableResult
    public func encodeFloats(
        _ source: Span<Float>, into target: inout MutableRawSpan
    ) throws(DalleError) -> EncodingLoss {
        guard isFloatingPoint else {
            throw DalleError(.badData, "floating-point numbers cannot be written as \(rawValue)")
        }
        let count = source.count
        guard target.byteCount == count * byteCount else {
            throw DalleError(.badData, "\(target.byteCount) bytes for \(count) elements of type \(rawValue)")
        }
        return source.withUnsafeBufferPointer { floats in
            target.withUnsafeMutableBytes { bytes in
                switch self {
                case .float32:
                    bytes.copyMemory(from: UnsafeRawBufferPointer(floats))
                    return floats.loss()
                case .float16:
                    return floats.encode(within: FloatBits.halfRange) { bytes.setElement($0, FloatBits.half($1)) }
                case .bfloat16:
                    return floats.encode(within: FloatBits.bfloatRange) { bytes.setElement($0, FloatBits.bfloat($1)) }
                default:
                    for i in 0..<count { bytes.setElement(i, Double(floats[i]).bitPattern) }
                    return floats.loss()
                }
            }
        }
    }
}

extension UnsafeBufferPointer<Float> {
    /// Hands over every float to be written, and counts by its bits what of it is left.
    ///
    /// - Parameter range: Magnitudes, as bits, from the largest that becomes 0 to the least that becomes infinite.
    @inline(__always)
    fileprivate func encode(within range: Range<UInt32>, _ write: (Int, Float) -> Void) -> EncodingLoss {
        // Not Int: counts as wide as the floats stay in the vectors that hold these.
        var (vanished, infinite): (UInt32, UInt32) = (0, 0)
        for i in indices {
            let magnitude = self[i].bitPattern & 0x7FFF_FFFF
            write(i, self[i])
            // 0 itself wraps to the largest.
            vanished &+= magnitude &- 1 < range.lowerBound ? 1 : 0
            infinite |= magnitude >= range.upperBound ? 1 : 0
        }
        var loss = EncodingLoss()
        (loss.isNonFinite, loss.vanished) = (infinite != 0, Int(vanished))
        return loss
    }

    /// Of a type that holds every float.
    fileprivate func loss() -> EncodingLoss {
        var loss = EncodingLoss()
        loss.isNonFinite = DType.float32.firstNonFinite(UnsafeRawBufferPointer(self)) != nil
        return loss
    }
}

/// The bit patterns of single floats in the 16-bit types.
public enum FloatBits {
    /// The magnitudes, as bits of a float32, from the largest that becomes 0 in float16, 2^-25, to the least that becomes
    /// infinite, 65520. Both are halfway, and go to the even side.
    static let halfRange: Range<UInt32> = 0x3300_0000..<0x477F_F000
    /// The same of bfloat16: 2^-134, and half a step over its largest number.
    static let bfloatRange: Range<UInt32> = 0x8000..<0x7F7F_8000

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
