/// The character set that Windows used in western Europe: Latin-1 with printing characters from 0x80 to 0x9F.
enum Windows1252 {
    /// The characters from 0x80 on; five places are empty and hold the control character of Latin-1.
    private static let upper = Array("€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars)

    private static let byteOfUpper = Dictionary(
        zip(upper, 0x80...0x9F as ClosedRange<UInt8>), uniquingKeysWith: { first, _ in first })

    static func scalar(_ byte: UInt8) -> Unicode.Scalar {
        (0x80...0x9F).contains(byte) ? upper[Int(byte) - 0x80] : Unicode.Scalar(byte)
    }

    static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
        if let byte = byteOfUpper[scalar] { return byte }
        let value = scalar.value
        return value < 0x80 || (0xA0...0xFF).contains(value) ? UInt8(value) : nil
    }
}
