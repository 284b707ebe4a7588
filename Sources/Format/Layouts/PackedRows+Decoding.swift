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
            let bits = scales.loadUnaligned(
                fromByteOffset: (row - firstRow) * Self.scaleByteCount, as: UInt32.self)
            let scale = Float(bitPattern: UInt32(littleEndian: bits))
            switch coding {
            case .int8: Self.decode8(bytes, scale, start..<end, into: output)
            case .int4: Self.decode4(bytes, scale, start..<end, into: output)
            }
            output += end - start
        }
    }

    private static func decode8(
        _ bytes: UnsafeRawBufferPointer, _ scale: Float, _ columns: Range<Int>,
        into output: UnsafeMutablePointer<Float>
    ) {
        guard let bytes = bytes.baseAddress else { return }
        let numbers = (bytes + columns.lowerBound).assumingMemoryBound(to: Int8.self)
        for i in 0..<columns.count { output[i] = Float(numbers[i]) * scale }
    }

    /// Of 64 numbers, byte j holds number j in its lower and number j + 32 in its upper four bits, each plus 8. Behind the
    /// row's numbers are the codes of its groups, two in a byte.
    private static func decode4(
        _ bytes: UnsafeRawBufferPointer, _ scale: Float, _ columns: Range<Int>,
        into output: UnsafeMutablePointer<Float>
    ) {
        guard let numbers = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        let codes = numbers + bytes.count / (groupCount + 1) * groupCount
        multipliers.withUnsafeBufferPointer { multipliers in
            var first = columns.lowerBound
            while first < columns.upperBound {
                // Up to the group's end.
                let group = first / groupCount
                let end = min((group + 1) * groupCount, columns.upperBound)
                let multiplier = multipliers[Int(codes[group / 2] >> UInt8(group % 2 * 4) & 15)]
                let (isUpper, place) = (first % 64 >= 32, first / 64 * 32 + first % 32)
                let shift: UInt8 = isUpper ? 4 : 0
                for i in 0..<end - first {
                    let number = Int32(numbers[place + i] >> shift & 15) &- 8
                    output[first - columns.lowerBound + i] = Float(number &* multiplier) * scale
                }
                first = end
            }
        }
    }
}
