/// Separating elements into their bytes: the sign and exponent of floats repeat much more than the rest.
///
/// Plane p holds byte p of every element, the least significant first. With `movesSign` an element is first rotated left
/// by one bit, so that the exponent, without the sign and for float32 and bfloat16 whole, has a byte to itself.
///
/// The loops are written for each element size so that the compiler vectorises them; `Plain` says the same in one loop.
enum BytePlanes {
    static func split(
        _ bytes: UnsafeRawBufferPointer, planes: Int, movesSign: Bool, into target: UnsafeMutableRawBufferPointer
    ) {
        guard let source = bytes.baseAddress, let target = target.baseAddress else { return }
        let count = bytes.count / planes
        switch (planes, movesSign) {
        case (1, false): target.copyMemory(from: source, byteCount: count)
        case (2, false): split2(source, count, into: target) { $0 }
        case (2, true): split2(source, count, into: target, rotatedLeft)
        case (4, false): split4(source, count, into: target) { $0 }
        case (4, true): split4(source, count, into: target, rotatedLeft)
        default: Plain.split(bytes, planes: planes, movesSign: movesSign, into: target)
        }
    }

    /// - Parameter sources: where each plane lies.
    static func join(_ sources: [UnsafeRawPointer], movesSign: Bool, into target: UnsafeMutableRawBufferPointer) {
        guard let base = target.baseAddress else { return }
        let count = target.count / sources.count
        switch (sources.count, movesSign) {
        case (2, false): join2(sources, count, into: base) { $0 }
        case (2, true): join2(sources, count, into: base, rotatedRight)
        case (4, false): join4(sources, count, into: base) { $0 }
        case (4, true): join4(sources, count, into: base, rotatedRight)
        default: Plain.join(sources, movesSign: movesSign, into: target)
        }
    }

    @inline(__always)
    private static func split2(
        _ source: UnsafeRawPointer, _ count: Int, into target: UnsafeMutableRawPointer, _ change: (UInt16) -> UInt16
    ) {
        let low = target.assumingMemoryBound(to: UInt8.self)
        let high = low + count
        for i in 0..<count {
            let bits = change(UInt16(littleEndian: source.loadUnaligned(fromByteOffset: i &* 2, as: UInt16.self)))
            low[i] = UInt8(truncatingIfNeeded: bits)
            high[i] = UInt8(truncatingIfNeeded: bits &>> 8)
        }
    }

    @inline(__always)
    private static func split4(
        _ source: UnsafeRawPointer, _ count: Int, into target: UnsafeMutableRawPointer, _ change: (UInt32) -> UInt32
    ) {
        let plane0 = target.assumingMemoryBound(to: UInt8.self)
        let (plane1, plane2, plane3) = (plane0 + count, plane0 + 2 &* count, plane0 + 3 &* count)
        for i in 0..<count {
            let bits = change(UInt32(littleEndian: source.loadUnaligned(fromByteOffset: i &* 4, as: UInt32.self)))
            plane0[i] = UInt8(truncatingIfNeeded: bits)
            plane1[i] = UInt8(truncatingIfNeeded: bits &>> 8)
            plane2[i] = UInt8(truncatingIfNeeded: bits &>> 16)
            plane3[i] = UInt8(truncatingIfNeeded: bits &>> 24)
        }
    }

    @inline(__always)
    private static func join2(
        _ sources: [UnsafeRawPointer], _ count: Int, into target: UnsafeMutableRawPointer,
        _ change: (UInt16) -> UInt16
    ) {
        let low = sources[0].assumingMemoryBound(to: UInt8.self), high = sources[1].assumingMemoryBound(to: UInt8.self)
        for i in 0..<count {
            let bits = change(UInt16(low[i]) | UInt16(high[i]) &<< 8)
            target.storeBytes(of: bits.littleEndian, toByteOffset: i &* 2, as: UInt16.self)
        }
    }

    @inline(__always)
    private static func join4(
        _ sources: [UnsafeRawPointer], _ count: Int, into target: UnsafeMutableRawPointer,
        _ change: (UInt32) -> UInt32
    ) {
        let plane0 = sources[0].assumingMemoryBound(to: UInt8.self)
        let plane1 = sources[1].assumingMemoryBound(to: UInt8.self)
        let plane2 = sources[2].assumingMemoryBound(to: UInt8.self)
        let plane3 = sources[3].assumingMemoryBound(to: UInt8.self)
        for i in 0..<count {
            let low = UInt32(plane0[i]) | UInt32(plane1[i]) &<< 8
            let bits = change(low | UInt32(plane2[i]) &<< 16 | UInt32(plane3[i]) &<< 24)
            target.storeBytes(of: bits.littleEndian, toByteOffset: i &* 4, as: UInt32.self)
        }
    }

    @inline(__always)
    private static func rotatedLeft<Bits: FixedWidthInteger>(_ bits: Bits) -> Bits {
        bits &<< 1 | bits &>> Bits(Bits.bitWidth - 1)
    }

    @inline(__always)
    private static func rotatedRight<Bits: FixedWidthInteger & UnsignedInteger>(_ bits: Bits) -> Bits {
        bits &>> 1 | bits &<< Bits(Bits.bitWidth - 1)
    }
}

extension BytePlanes {
    /// The twins for elements of any size.
    enum Plain {
        static func split(
            _ bytes: UnsafeRawBufferPointer, planes: Int, movesSign: Bool, into target: UnsafeMutableRawPointer
        ) {
            let count = bytes.count / planes
            for i in 0..<count {
                // What is rotated out of the top comes in at the bottom.
                var carry = movesSign ? bytes[i * planes + planes - 1] >> 7 : 0
                for plane in 0..<planes {
                    let byte = bytes[i * planes + plane]
                    target.storeBytes(
                        of: movesSign ? byte << 1 | carry : byte, toByteOffset: plane * count + i, as: UInt8.self)
                    carry = byte >> 7
                }
            }
        }

        static func join(_ sources: [UnsafeRawPointer], movesSign: Bool, into target: UnsafeMutableRawBufferPointer) {
            let planes = sources.count
            for i in 0..<target.count / planes {
                var carry = movesSign ? sources[0].load(fromByteOffset: i, as: UInt8.self) << 7 : 0
                for plane in (0..<planes).reversed() {
                    let byte = sources[plane].load(fromByteOffset: i, as: UInt8.self)
                    target[i * planes + plane] = movesSign ? byte >> 1 | carry : byte
                    carry = byte << 7
                }
            }
        }
    }
}
