extension PackedRows {
    /// The first invalid value in part of a packed tensor: an integer on which kernels may disagree, non-zero padding, or a
    /// scale that is negative or not finite. `docs/FORMAT.md`, §5.
    ///
    /// Cheap beside verifying the checksum of the same bytes.
    ///
    /// - Parameters:
    ///   - bytes: Any part of the tensor's bytes.
    ///   - start: Their offset in the tensor.
    /// - Returns: A description with the row; nil when all is valid.
    func fault(_ bytes: UnsafeRawBufferPointer, at start: Int) -> String? {
        let part = PackedPart(packing: self, bytes: bytes, start: start)
        return part.forbiddenMinimum ?? part.padding ?? part.scale
    }
}

/// A part of a packed tensor's bytes.
private struct PackedPart {
    let packing: PackedRows
    let bytes: UnsafeRawBufferPointer
    /// Their offset in the tensor.
    let start: Int

    /// The intersection of a range of the tensor's bytes with this part.
    private func present(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        let here = range.clamped(to: start..<start + bytes.count)
        return UnsafeRawBufferPointer(
            rebasing: bytes[max(here.lowerBound - start, 0)..<max(here.upperBound - start, 0)])
    }

    private var values: Range<Int> { packing.valueBytes(0..<packing.rows) }

    /// A byte of −128, whose negation does not fit: kernels that move the weight's sign to the input get it wrong.
    var forbiddenMinimum: String? {
        guard packing.coding == .int8 else { return nil }
        let values = present(values)
        let minimum = UInt8(bitPattern: .min)
        // No early exit, so that the loop is vectorised.
        var found: UInt8 = 0
        for byte in values { found |= byte == minimum ? 1 : 0 }
        guard found != 0, let index = values.firstIndex(of: minimum) else { return nil }
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
