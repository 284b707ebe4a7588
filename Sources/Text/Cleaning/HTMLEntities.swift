/// Character references of HTML: `&amp;`, `&#39;`, `&#x263A;`.
enum HTMLEntities {
    /// Replaces references as browsers and Python's `html.unescape` do, also some without the semicolon.
    static func unescaped(_ text: String) -> String {
        replacing(text) { rest in
            if rest.first == "#" {
                guard let (end, value) = number(rest) else { return nil }
                let hasSemicolon = end < rest.endIndex && rest[end] == ";"
                return (hasSemicolon ? end + 1 : end, replacement(value))
            }
            let name = rest.prefix(32).prefix { !"\t\n\u{C} <&#;".unicodeScalars.contains($0) }
            guard !name.isEmpty else { return nil }
            if name.endIndex < rest.endIndex, rest[name.endIndex] == ";", let value = named[String(scalars: name)] {
                return (name.endIndex + 1, [value])
            }
            // Of the names that need no semicolon the longest that the text starts with.
            for end in stride(from: name.endIndex, to: name.startIndex + 1, by: -1) {
                let start = String(scalars: rest[..<end])
                if withoutSemicolon.contains(start), let value = named[start] { return (end, [value]) }
            }
            return nil
        }
    }

    /// Replaces only what is no doubt a reference, as ftfy does: with a semicolon, and also names that a program has
    /// put into capitals.
    static func repaired(_ text: String) -> String {
        replacing(text) { rest in
            let isNumber = rest.first == "#"
            let body = rest.dropFirst(isNumber ? 1 : 0).prefix { $0.isASCII && UInt8($0.value).isWord && $0 != "_" }
            guard (1...24).contains(body.count), body.endIndex < rest.endIndex, rest[body.endIndex] == ";" else {
                return nil
            }
            let end = body.endIndex + 1
            if isNumber {
                guard let (numberEnd, value) = number(rest), numberEnd == body.endIndex else { return nil }
                let scalars = replacement(value)
                // A semicolon in the result looks there like a reference that was only half read.
                return scalars == [";"] ? nil : (end, scalars)
            }
            let name = String(scalars: body)
            if let value = named[name] { return (end, [value]) }
            guard name == name.uppercased(), let value = named[name.lowercased()], unescaped("&\(name);") == "&\(name);"
            else { return nil }
            return (end, Array(value.properties.uppercaseMapping.unicodeScalars))
        }
    }

    private typealias Scalars = ArraySlice<Unicode.Scalar>

    /// - Parameter reference: reads what follows a `&`; gives where it ends and what it stands for.
    private static func replacing(
        _ text: String, _ reference: (Scalars) -> (end: Int, scalars: [Unicode.Scalar])?
    ) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var position = 0
        while position < scalars.count {
            if scalars[position] == "&", let found = reference(scalars[(position + 1)...]) {
                result.append(contentsOf: found.scalars)
                position = found.end
            } else {
                result.append(scalars[position])
                position += 1
            }
        }
        return String(result)
    }

    /// The number after a `#`, decimal or hexadecimal, and where it ends; anything too large is `UInt32.max`.
    private static func number(_ text: Scalars) -> (end: Int, value: UInt32)? {
        let digits = text.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        let radix = isHexadecimal ? 16 : 10
        var position = isHexadecimal ? digits.startIndex + 1 : digits.startIndex
        let start = position
        var value: UInt32 = 0
        while position < text.endIndex, text[position].isASCII, let digit = Character(text[position]).hexDigitValue,
            digit < radix
        {
            let (product, overflow) = value.multipliedReportingOverflow(by: UInt32(radix))
            value = overflow || product > 0x7FFF_FFFF ? .max : product + UInt32(digit)
            position += 1
        }
        return position > start ? (position, value) : nil
    }

    /// What a browser takes a number for.
    private static func replacement(_ value: UInt32) -> [Unicode.Scalar] {
        switch value {
        case 0x0D: return ["\r"]
        case 0x80...0x9F: return [Windows1252.scalar(UInt8(value))]
        case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0xFDD0...0xFDEF: return []
        default:
            guard value != 0, let scalar = Unicode.Scalar(value) else { return ["\u{FFFD}"] }
            // The last two of each plane are no characters.
            return value & 0xFFFE == 0xFFFE ? [] : [scalar]
        }
    }
}
