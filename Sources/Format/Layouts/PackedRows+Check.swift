extension PackedRows {
    /// What in some bytes of the layout is nothing that it has: numbers that kernels need not agree on, padding that counts,
    /// scales that are none. `docs/FORMAT.md`, §5.
    ///
    /// Cheap enough for whoever compares the bytes with their checksum anyway.
    ///
    /// - Parameters:
    ///   - bytes: Any part of the tensor's.
    ///   - start: Where in the tensor they lie.
    /// - Returns: What is wrong first, with its row; nil when nothing is.
    func fault(_ bytes: UnsafeRawBufferPointer, at start: Int) -> String? {
        let part = PackedPart(packing: self, bytes: bytes, start: start)
        return part.leastNumber ?? part.padding ?? part.scale
    }
}

/// Some of the bytes of a packed tensor.
private struct PackedPart {
    let packing: PackedRows
    let bytes: UnsafeRawBufferPointer
    /// Where in the tensor they lie.
    let start: Int

    /// What of a range of the tensor's bytes is here.
    private func present(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        let here = range.clamped(to: start..<start + bytes.count)
        return UnsafeRawBufferPointer(
            rebasing: bytes[max(here.lowerBound - start, 0)..<max(here.upperBound - start, 0)])
    }

    private var values: Range<Int> { packing.valueBytes(0..<packing.rows) }

    /// A byte of −128, which no multiplication of signs gets right.
    var leastNumber: String? {
        guard packing.coding == .int8 else { return nil }
        let values = present(values)
        let least = UInt8(bitPattern: .min)
        // Without an early end, so that many are compared at a time.
        var found: UInt8 = 0
        for byte in values { found |= byte == least ? 1 : 0 }
        guard found != 0, let index = values.firstIndex(of: least) else { return nil }
        let place = start + index
        return "row \(place / packing.stride) holds −128 at column \(place % packing.stride); int8 ends at −127"
    }

    /// Numbers after a row's end, and what lies between the rows and their scales.
    var padding: String? {
        let here = values.clamped(to: start..<start + bytes.count)
        if !here.isEmpty {
            for row in here.lowerBound / packing.stride...(here.upperBound - 1) / packing.stride where !isPadded(row) {
                return "row \(row) is not filled up with zeros"
            }
        }
        return present(values.upperBound..<packing.scalesOffset).allSatisfy { $0 == 0 }
            ? nil : "what lies between the rows and their scales is not zero"
    }

    private func isPadded(_ row: Int) -> Bool {
        let first = row * packing.stride
        switch packing.coding {
        case .int8:
            return present(first + packing.columns..<first + packing.stride).allSatisfy { $0 == 0 }
        case .int4:
            let end = (packing.columns + 63) / 64 * 64
            return (packing.columns..<end).allSatisfy { column in
                let place = first + column / 64 * 32 + column % 32
                guard let byte = present(place..<place + 1).first else { return true }
                return byte >> (column % 64 >= 32 ? 4 : 0) & 15 == 8
            }
        }
    }

    /// A scale that is infinite or no number; one that is cut by the end of the bytes is looked at by nobody.
    var scale: String? {
        let size = PackedRows.scaleByteCount
        let from = max(start - packing.scalesOffset + size - 1, 0) / size
        let scales = present(packing.scalesOffset + from * size..<packing.byteCount)
        let whole = UnsafeRawBufferPointer(rebasing: scales[..<(scales.count / size * size)])
        return DType.float32.firstNonFinite(whole).map { "the scale of row \(from + $0) is infinite or no number" }
    }
}
