/// The letters that GPT-2's tokenizer files spell bytes with.
///
/// A byte that prints in Latin-1 stands for itself; the others take the letters from U+0100 on, so that a space is `Ġ`
/// and no token contains white space.
enum ByteAlphabet {
    /// The bytes that a token's text spells, or nil when a letter is not in the alphabet.
    static func bytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        for letter in text.unicodeScalars {
            guard let byte = byteOfLetter[letter] else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// The letters that spell some bytes.
    static func text(_ bytes: [UInt8]) -> String {
        var text = ""
        for byte in bytes {
            if let letter = letterOfByte[byte] { text.unicodeScalars.append(letter) }
        }
        return text
    }

    private static let letterOfByte = Dictionary(byteOfLetter.map { ($1, $0) }) { first, _ in first }

    /// All letters, in the order in which CLIP numbers them: bytes that print, then the others.
    static let letters: [Unicode.Scalar] = byteOfLetter.keys.sorted()

    private static let byteOfLetter: [Unicode.Scalar: UInt8] = {
        var map: [Unicode.Scalar: UInt8] = [:]
        var next: UInt16 = 0x100
        for byte in UInt8.min...UInt8.max {
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
                map[Unicode.Scalar(byte)] = byte
            default:
                if let letter = Unicode.Scalar(next) { map[letter] = byte }
                next += 1
            }
        }
        return map
    }()
}
