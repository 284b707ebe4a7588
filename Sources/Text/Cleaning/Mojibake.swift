/// Repairs UTF-8 that was read as Latin-1 or Windows-1252: `schÃ¶n`, `donâ€™t`.
enum Mojibake {
    typealias Scalars = ArraySlice<Unicode.Scalar>

    /// The text as it was meant; text that shows no signs of such an accident is left alone.
    static func repaired(_ text: Scalars) -> Scalars {
        var text = text
        // Text can be misread several times over, but not endlessly.
        for _ in 0..<8 {
            guard MojibakeSigns.arePresent(in: text), let better = step(text), better != text else { break }
            text = better
        }
        return text
    }

    private static func step(_ text: Scalars) -> Scalars? {
        if let bytes = encoded(text, latin1), let decoded = decoded(restoringSpaces(bytes)) { return decoded }
        if let bytes = encoded(text, windows1252), let decoded = decoded(markingLosses(restoringSpaces(bytes))) {
            return decoded
        }
        let repaired = repairingParts(text)
        return repaired == text ? replacingControls(text) : repaired
    }

    /// Reads control characters from 0x80 on as what Windows has there, as browsers do.
    static func replacingControls(_ text: Scalars) -> Scalars {
        ArraySlice(
            text.map { (0x80...0x9F).contains($0.value) ? Windows1252.scalar(UInt8($0.value)) : $0 })
    }

    // MARK: Bytes

    private static func latin1(_ scalar: Unicode.Scalar) -> UInt8? { UInt8(exactly: scalar.value) }

    /// U+FFFD, where a program gave up on a byte, becomes 0x1A, which real text does not have.
    private static func windows1252(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar {
        case "\u{FFFD}": 0x1A
        case "\u{1A}": nil
        default: Windows1252.byte(scalar)
        }
    }

    private static func encoded(_ text: Scalars, _ byte: (Unicode.Scalar) -> UInt8?) -> [UInt8]? {
        var bytes: [UInt8] = []
        for scalar in text {
            guard let byte = byte(scalar) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func decoded(_ bytes: [UInt8]) -> Scalars? {
        String(validating: bytes, as: UTF8.self).map { ArraySlice($0.unicodeScalars) }
    }

    /// Puts 0xA0 back inside characters where a program made it a plain space.
    private static func restoringSpaces(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let rest = bytes[position...]
            let count: Int
            if isGraveWord(rest) {
                count = 2
                result += [0xC3, 0xA0, 0x20]
            } else {
                count = lengthWithSpace(rest) ?? 1
                result += rest.prefix(count).map { count > 1 && $0 == 0x20 ? 0xA0 : $0 }
            }
            position += count
        }
        return result
    }

    /// "à" as a word of its own: the space after it is one, besides the half character that was lost.
    private static func isGraveWord(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.starts(with: [0xC3, 0x20]) else { return false }
        return !["\u{20}", "quele", "quela", "quilo", "s "].contains { bytes.dropFirst(2).starts(with: $0.utf8) }
    }

    /// The length of a character of which exactly one byte is a plain space.
    private static func lengthWithSpace(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let lead = bytes.first else { return nil }
        let rest = bytes.dropFirst().prefix(3).map { $0 }
        // 0x85 and 0xA0 would have been taken for white space as well.
        let isFollower = { (byte: UInt8) in (0x80...0xBF).contains(byte) && byte != 0x85 && byte != 0xA0 }
        switch lead {
        case 0xC2, 0xC3, 0xC5, 0xCE, 0xD0, 0xD9:
            return rest.first == 0x20 ? 2 : nil
        case 0xE0...0xE3:
            guard rest.count >= 2 else { return nil }
            let isSecond = lead >= 0xE2 && rest[0] == 0x20 && isFollower(rest[1])
            return isSecond || isFollower(rest[0]) && rest[1] == 0x20 ? 3 : nil
        case 0xF0:
            guard rest.count == 3, rest.count(where: { $0 == 0x20 }) == 1 else { return nil }
            return rest.allSatisfy { $0 == 0x20 || (0x80...0xBF).contains($0) } ? 4 : nil
        default:
            return nil
        }
    }

    /// Makes U+FFFD of characters of which bytes were lost, so that the others can still be decoded.
    private static func markingLosses(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if let count = lengthWithLoss(bytes[position...]) {
                result += [0xEF, 0xBF, 0xBD]
                position += count
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return result
    }

    /// The length of a character of which some bytes are 0x1A, or one is a question mark.
    private static func lengthWithLoss(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let lead = bytes.first else { return nil }
        if lead == 0x1A { return 1 }
        let count =
            switch lead {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        let rest = bytes.dropFirst().prefix(max(count - 1, 0))
        let questions = rest.count { $0 == UInt8(ascii: "?") }
        let losses = questions + rest.count { $0 == 0x1A }
        let isWhole =
            rest.count == count - 1 && rest.allSatisfy { $0 == 0x1A || $0 == 0x3F || (0x80...0xBF).contains($0) }
        // A question mark alone is too common after the rarer letters.
        let isConvincing = questions <= 1 && (questions == 0 || count > 2 || lead <= 0xC3)
        return isWhole && losses > 0 && isConvincing ? count : nil
    }

    // MARK: Parts

    /// Repairs the parts of a text that look like misread UTF-8, where the whole text is not.
    private static func repairingParts(_ text: Scalars) -> Scalars {
        var result: [Unicode.Scalar] = []
        var position = text.startIndex
        while position < text.endIndex {
            let end = position == text.startIndex || !isFollower(text[position - 1]) ? runEnd(text, position) : position
            let part = text[position..<end]
            if part.isEmpty {
                result.append(text[position])
                position += 1
                continue
            }
            let isCandidate = part.count < text.count && MojibakeSigns.arePresent(in: part)
            result += isCandidate ? repaired(part) : part
            position = end
        }
        return ArraySlice(result)
    }

    /// Where a run of what looks like misread characters ends.
    private static func runEnd(_ text: Scalars, _ start: Int) -> Int {
        var end = start
        while end < text.endIndex {
            let count =
                switch text[end].value {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0, 0xF3: 4
                default: 0
                }
            let rest = text[end...].dropFirst().prefix(max(count - 1, 0))
            guard count > 0, rest.count == count - 1, rest.allSatisfy({ $0 == " " || isInRange($0) }) else { break }
            end += count
        }
        return end
    }

    /// Whether a scalar stands for a byte from 0x80 to 0xBF.
    private static func isInRange(_ scalar: Unicode.Scalar) -> Bool {
        (0x80...0xBF).contains(scalar.value) || Windows1252.byte(scalar).map { (0x80...0x9F).contains($0) } == true
    }

    /// The same, without those that stand beside words in ordinary text.
    private static func isFollower(_ scalar: Unicode.Scalar) -> Bool {
        isInRange(scalar) && !"–—‘’‚“”„•…".unicodeScalars.contains(scalar)
    }
}
