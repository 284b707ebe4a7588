/// The codes with the largest logits in descending order, of equal logits the lower code first, in linear time.
///
/// Logits that are no numbers are left out.
struct RankedCodes {
    private(set) var codes: [Int]

    /// - Parameter limit: so many codes at most.
    init(_ logits: [Float], limit: Int) {
        let threshold = Self.threshold(logits, limit)
        var entries: [UInt64] = []
        for code in logits.indices where logits[code] >= threshold { entries.append(Self.entry(logits[code], code)) }
        Self.sort(&entries)
        codes = entries.prefix(limit).map { Int($0 & 0xFFFF_FFFF) }
    }

    /// A logit that at least `limit` others reach, and not many more: the so-many-th largest of the maxima of groups.
    ///
    /// A group is every so-many-th logit, so that maxima of neighbours are found side by side in vector registers.
    private static func threshold(_ logits: [Float], _ limit: Int) -> Float {
        // Fewer groups have more than one of the largest logits, more of them take longer to sort.
        let groups = max(256, 4 * min(limit, logits.count))
        guard limit > 0, groups <= logits.count / 2 else { return -.infinity }
        var maxima = [Float](repeating: -.infinity, count: groups)
        logits.withUnsafeBufferPointer { logits in
            maxima.withUnsafeMutableBufferPointer { maxima in
                for start in stride(from: 0, to: logits.count, by: groups) {
                    for i in 0..<min(groups, logits.count - start) {
                        maxima[i] = logits[start + i] > maxima[i] ? logits[start + i] : maxima[i]
                    }
                }
            }
        }
        var entries = maxima.enumerated().map { entry($1, $0) }
        sort(&entries)
        return maxima[Int(entries[limit - 1] & 0xFFFF_FFFF)]
    }

    /// The logit in the upper half, so that larger ones give smaller numbers, and the code in the lower.
    private static func entry(_ logit: Float, _ code: Int) -> UInt64 {
        // Adding 0 makes −0 and 0 equal.
        let bits = (logit + 0).bitPattern
        let descending = bits >> 31 == 1 ? bits : ~bits & 0x7FFF_FFFF
        return UInt64(descending) << 32 | UInt64(UInt32(code))
    }

    /// Radix sort by the upper half; it is stable, so entries of equal ones stay in the order of their codes.
    private static func sort(_ entries: inout [UInt64]) {
        var counts = [Int](repeating: 0, count: 4 * 256)
        for entry in entries {
            for digit in 0..<4 { counts[digit << 8 | Self.digit(digit, entry)] += 1 }
        }
        var sorted = entries
        for digit in 0..<4 {
            var start = 0
            for value in digit << 8..<(digit + 1) << 8 {
                (counts[value], start) = (start, start + counts[value])
            }
            for entry in entries {
                let value = digit << 8 | Self.digit(digit, entry)
                sorted[counts[value]] = entry
                counts[value] += 1
            }
            swap(&entries, &sorted)
        }
    }

    private static func digit(_ number: Int, _ entry: UInt64) -> Int { Int(entry >> UInt64(32 + 8 * number) & 0xFF) }
}
