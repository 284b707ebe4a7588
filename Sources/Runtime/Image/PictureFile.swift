public import DalleFormat
public import DalleModels

/// Pictures from files of a stranger's: PNG and JPEG, told apart by how they begin.
public enum PictureFile {
    /// Reads a picture, upright and in 8-bit RGB; `PNGFile.decode` and `JPEGFile.decode` say what becomes of other colours.
    ///
    /// - Throws: `missingInput` when there is no such file, `badData` with the name of its kind when that is another, when it
    ///   is damaged, or when the picture is too large.
    public static func read(_ path: String) throws(DalleError) -> Image {
        let file = try MappedFile(path)
        do throws(DalleError) {
            return try decode(file.bytes)
        } catch {
            throw error.located(file: path)
        }
    }

    /// A picture from the bytes of a file.
    public static func decode(_ bytes: Span<UInt8>) throws(DalleError) -> Image {
        if begins(bytes, PNGFile.signature) { return try PNGFile.decode(bytes) }
        if begins(bytes, JPEGFile.signature) { return try JPEGFile.decode(bytes) }
        throw DalleError(
            .badData, "is no picture that can be read: \(FileSignature.describe(bytes))",
            remedy: "Give a PNG or JPEG picture, or save this one as such")
    }

    /// Whether a file begins as a PNG or JPEG picture.
    public static func isPicture(_ path: String) -> Bool {
        guard let file = try? MappedFile(path) else { return false }
        return begins(file.bytes, PNGFile.signature) || begins(file.bytes, JPEGFile.signature)
    }

    private static func begins(_ bytes: Span<UInt8>, _ signature: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { $0.starts(with: signature) }
    }
}

/// What a picture may take: a small file can claim a huge one.
enum PictureBounds {
    static let mostPixels = 1 << 26

    /// - Parameter densest: Pixels that a byte of such a file can stand for at most.
    /// - Throws: `badData`, before anything is allocated for the pixels.
    static func check(
        _ width: Int, _ height: Int, in byteCount: Int, densest: Int, most: Int = mostPixels
    ) throws(DalleError) {
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard min(width, height) > 0, !overflow, pixels / densest <= byteCount else {
            throw DalleError(
                .badData, "a picture of \(width) × \(height) pixels in \(byteCount) bytes",
                remedy: "The file is damaged: get it again")
        }
        guard pixels <= most else {
            throw DalleError(
                .badData, "a picture of \(width) × \(height) pixels, expected at most \(most)",
                remedy: "Scale it first, or save it as JPEG")
        }
    }
}

extension [UInt8] {
    /// Makes three bytes of each four, which the fourth changes.
    mutating func foldFourths(_ change: (UInt8, UInt8) -> UInt8) {
        let pixels = count / 4
        withUnsafeMutableBufferPointer { bytes in
            for pixel in 0..<pixels {
                let fourth = bytes[4 * pixel + 3]
                for channel in 0..<3 { bytes[3 * pixel + channel] = change(bytes[4 * pixel + channel], fourth) }
            }
        }
        removeLast(pixels)
    }
}
