import DalleFormat
import DalleModels

/// The one thing of a camera's notes that changes a picture: how it was held (EXIF 2.32, 4.6.4 A, tag 274).
enum EXIF {
    private static let orientationTag = 0x0112

    /// 1 to 8, as `Image.upright` takes it; 1, which is upright, where the notes are damaged or do not say.
    ///
    /// - Parameter tiff: From the TIFF header on.
    static func orientation(_ tiff: Span<UInt8>) -> Int {
        guard let order = number(tiff, at: 0, bytes: 2, isBig: true), order == 0x4949 || order == 0x4D4D,
            let orientation = orientation(tiff, isBig: order == 0x4D4D), (1...8).contains(orientation)
        else { return 1 }
        return orientation
    }

    private static func orientation(_ tiff: Span<UInt8>, isBig: Bool) -> Int? {
        guard number(tiff, at: 2, bytes: 2, isBig: isBig) == 42,
            let directory = number(tiff, at: 4, bytes: 4, isBig: isBig),
            let entries = number(tiff, at: directory, bytes: 2, isBig: isBig)
        else { return nil }
        for entry in 0..<entries {
            // Tag, type, count, value; a short value stands at the start of its four bytes.
            let start = directory + 2 + 12 * entry
            guard let tag = number(tiff, at: start, bytes: 2, isBig: isBig),
                let type = number(tiff, at: start + 2, bytes: 2, isBig: isBig)
            else { return nil }
            guard tag == orientationTag else { continue }
            // A byte, or numbers of 16 and 32 bits.
            guard let bytes = [1: 1, 3: 2, 4: 4][type] else { return nil }
            return number(tiff, at: start + 8, bytes: bytes, isBig: isBig)
        }
        return nil
    }

    /// Nil when the bytes are not there.
    private static func number(_ tiff: Span<UInt8>, at offset: Int, bytes: Int, isBig: Bool) -> Int? {
        guard offset <= tiff.count - bytes else { return nil }
        var number = 0
        for i in 0..<bytes { number = number << 8 | Int(tiff[offset + (isBig ? i : bytes - 1 - i)]) }
        return number
    }
}

extension Image {
    /// The picture as it was seen, for an orientation of EXIF's: 5 to 8 have rows and columns exchanged.
    func upright(_ orientation: Int) -> Image {
        guard orientation != 1 else { return self }
        let turned = orientation >= 5 ? transposed() : self
        return turned.mirrored(
            rows: [2, 3, 6, 7].contains(orientation), columns: [3, 4, 7, 8].contains(orientation))
    }

    /// - Parameters:
    ///   - rows: Each row is read backwards.
    ///   - columns: Each column is.
    private func mirrored(rows: Bool, columns: Bool) -> Image {
        var result = [UInt8](repeating: 0, count: bytes.count)
        for y in 0..<height {
            let source = 3 * width * (columns ? height - 1 - y : y)
            let target = 3 * width * y
            for x in 0..<width {
                let from = source + 3 * (rows ? width - 1 - x : x)
                for channel in 0..<3 { result[target + 3 * x + channel] = bytes[from + channel] }
            }
        }
        return Image(width: width, height: height, bytes: result)
    }
}
