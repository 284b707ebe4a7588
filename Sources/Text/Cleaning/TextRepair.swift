import Foundation

/// Repairs what careless programs and web pages do to text: the default steps of ftfy's `fix_text`, in its order.
enum TextRepair {
    /// The repaired text, line by line, since lines may come from different places.
    static func repaired(_ text: String) -> String {
        var result = ""
        var hasTags = false
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: "\n").map { rest.index(after: $0) } ?? rest.endIndex
            let line = String(rest[..<end])
            // Where there are tags the text is HTML, and its references may be meant as they stand.
            hasTags = hasTags || line.utf8.contains(UInt8(ascii: "<"))
            result += repaired(line: line, hasTags: hasTags)
            rest = rest[end...]
        }
        return result
    }

    private static func repaired(line: String, hasTags: Bool) -> String {
        var line = line
        // One repair can make another one possible; the bound is for text made to keep this busy.
        for _ in 0..<16 {
            var better = hasTags ? line : HTMLEntities.repaired(line)
            if !better.isASCII {
                let scalars = Mojibake.repaired(ArraySlice(better.unicodeScalars))
                better = String(scalars: Mojibake.replacingControls(scalars).flatMap(simplified))
            }
            better = withoutControls(better)
            if !better.isASCII { better = better.precomposedStringWithCanonicalMapping }
            guard !better.unicodeScalars.elementsEqual(line.unicodeScalars) else { break }
            line = better
        }
        return line
    }

    /// Characters that are ligatures or forms for a certain width, and curly quotes, as plain ones.
    private static func simplified(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        switch scalar.value {
        case 0x201C...0x201F: ["\""]
        case 0x02BC, 0x2018...0x201B: ["'"]
        case 0x3000: [" "]
        case 0x0132, 0x0133, 0x0149, 0x01C4...0x01CC, 0x01F1...0x01F3, 0xFB00...0xFB06, 0xFF01...0xFFEF:
            Array(String(scalar).precomposedStringWithCompatibilityMapping.unicodeScalars)
        default: [scalar]
        }
    }

    /// The text with line feeds for all line ends, and without control characters and what terminals colour text with.
    private static func withoutControls(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result: [Unicode.Scalar] = []
        var position = 0
        while position < scalars.count {
            let scalar = scalars[position]
            position += 1
            switch scalar.value {
            case 0x0D:
                if position < scalars.count, scalars[position] == "\n" { continue }
                result.append("\n")
            case 0x2028, 0x2029, 0x85:
                result.append("\n")
            case 0x1B:
                position = escapeEnd(scalars, position) ?? position
            case 0x00...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFC:
                continue
            default:
                result.append(scalar)
            }
        }
        return String(scalars: result)
    }

    /// Where a terminal's escape sequence ends: a bracket, numbers with semicolons, one letter.
    private static func escapeEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int? {
        guard start < scalars.count, scalars[start] == "[" else { return nil }
        let end = scalars[(start + 1)...].firstIndex { $0 != ";" && !("0"..."9").contains($0) }
        guard let end, scalars[end].isASCII, UInt8(scalars[end].value).isLetter else { return nil }
        return end + 1
    }
}
