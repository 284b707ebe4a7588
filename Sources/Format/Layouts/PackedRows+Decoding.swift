extension PackedRows {
    /// Decodes a range of the tensor's elements.
    ///
    /// - Parameters:
    ///   - values: The bytes of the rows from `firstRow` on.
    ///   - scales: The bytes of their scales.
    func decode(
        _ elements: Range<Int>, values: UnsafeRawBufferPointer, scales: UnsafeRawBufferPointer, firstRow: Int,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        guard var output = target.baseAddress else { return }
        for row in rows(holding: elements) {
            let start = max(elements.lowerBound - row * columns, 0)
            let end = min(elements.upperBound - row * columns, columns)
            let bytes = UnsafeRawBufferPointer(rebasing: values[valueBytes(row - firstRow..<row - firstRow + 1)])
            let size = scalesPerRow * scaleType.byteCount
            let factors = UnsafeRawBufferPointer(
                rebasing: scales[(row - firstRow) * size..<(row - firstRow + 1) * size])
            switch coding {
            case .int8: Self.decode8(bytes, factors, start..<end, into: output)
            case .int4: Self.decode4(bytes, factors, start..<end, into: output)
            }
            output += end - start
        }
    }

    /// Decodes one whole row.
    public func decodeRow(
        values: UnsafeRawBufferPointer, scales: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(
            values.count == stride && scales.count == scalesPerRow * scaleType.byteCount && target.count == columns)
        decode(0..<columns, values: values, scales: scales, firstRow: 0, into: target)
    }

    private static func decode8(
        _ bytes: UnsafeRawBufferPointer, _ scales: UnsafeRawBufferPointer, _ columns: Range<Int>,
        into output: UnsafeMutablePointer<Float>
    ) {
        guard let bytes = bytes.baseAddress else { return }
        let scale = Float(bitPattern: UInt32(littleEndian: scales.loadUnaligned(as: UInt32.self)))
        let numbers = (bytes + columns.lowerBound).assumingMemoryBound(to: Int8.self)
        for i in 0..<columns.count { output[i] = Float(numbers[i]) * scale }
    }

    /// Byte j of a group holds element j in its lower and element j + 16 in its upper four bits, each plus 8.
    private static func decode4(
        _ bytes: UnsafeRawBufferPointer, _ scales: UnsafeRawBufferPointer, _ columns: Range<Int>,
        into output: UnsafeMutablePointer<Float>
    ) {
        guard let bytes = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        let half = groupCount / 2
        for group in columns.lowerBound / groupCount..<(columns.upperBound + groupCount - 1) / groupCount {
            let bits = UInt16(littleEndian: scales.loadUnaligned(fromByteOffset: 2 * group, as: UInt16.self))
            let scale = FloatBits.float(half: bits)
            let packed = bytes + group * half
            let start = group * groupCount - columns.lowerBound
            if start >= 0, start + groupCount <= columns.count {
                let (lower, upper) = (output + start, output + start + half)
                for j in 0..<half {
                    lower[j] = Float(Int32(packed[j] & 15) &- 8) * scale
                    upper[j] = Float(Int32(packed[j] >> 4) &- 8) * scale
                }
            } else {
                for i in max(start, 0)..<min(start + groupCount, columns.count) {
                    let (byte, place) = (packed[(i - start) % half], i - start)
                    output[i] = Float(Int32(place < half ? byte & 15 : byte >> 4) &- 8) * scale
                }
            }
        }
    }
}
