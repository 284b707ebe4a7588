import CPNG
import CZlib
public import DalleFormat

/// PNG files of pictures.
public enum PNGFile {
    /// A picture as the bytes of a PNG file, with texts in it.
    ///
    /// - Parameter texts: keywords of 1 to 79 Latin letters, as the PNG specification asks (11.3.3.4), and their texts.
    /// - Throws: `fault` when libpng refuses.
    public static func encode(_ image: Image, texts: [(keyword: String, text: String)] = []) throws(DalleError)
        -> [UInt8]
    {
        var description = png_image()
        description.version = UInt32(PNG_IMAGE_VERSION)
        description.width = UInt32(image.width)
        description.height = UInt32(image.height)
        description.format = UInt32(PNG_FORMAT_FLAG_COLOR)
        defer { png_image_free(&description) }
        var size = largest_png_size(&description)
        var bytes = [UInt8](repeating: 0, count: size)
        guard png_image_write_to_memory(&description, &bytes, &size, 0, image.bytes, 0, nil) != 0 else {
            throw failure(description)
        }
        bytes.removeLast(bytes.count - size)
        // After the signature (8 bytes) and the IHDR chunk (25).
        bytes.insert(contentsOf: texts.flatMap { textChunk($0.keyword, $0.text) }, at: 33)
        return bytes
    }

    /// Largest edge that is read, and most pixels: a small file can claim a huge picture.
    private static let maximumEdge: UInt32 = 16384
    private static let maximumPixelCount = 1 << 26
    /// Pixels that a byte of a file can stand for: eight in a byte, which deflate shortens to at most this share.
    private static let maximumRatio = 8 * 1032

    /// A picture from the bytes of a PNG file; other colours become 8-bit RGB, transparency is laid on black.
    ///
    /// - Throws: `badData` when they are no PNG or a damaged one.
    public static func decode(_ bytes: Span<UInt8>) throws(DalleError) -> Image {
        var description = png_image()
        description.version = UInt32(PNG_IMAGE_VERSION)
        defer { png_image_free(&description) }
        let begun = bytes.withUnsafeBufferPointer {
            png_image_begin_read_from_memory(&description, $0.baseAddress, $0.count)
        }
        guard begun != 0 else {
            throw DalleError(.badData, "is no PNG picture that can be read: \(message(description))")
        }
        let (width, height) = (Int(description.width), Int(description.height))
        guard max(description.width, description.height) <= maximumEdge, width * height <= maximumPixelCount,
            width * height / maximumRatio <= bytes.count
        else {
            throw DalleError(.badData, "a picture of \(width) × \(height) pixels in \(bytes.count) bytes")
        }
        description.format = UInt32(PNG_FORMAT_FLAG_COLOR)
        var pixels = [UInt8](repeating: 0, count: 3 * width * height)
        var background = png_color(red: 0, green: 0, blue: 0)
        guard png_image_finish_read(&description, &background, &pixels, 0, nil) != 0 else {
            throw DalleError(.badData, "is a damaged PNG picture: \(message(description))")
        }
        return Image(width: width, height: height, bytes: pixels)
    }

    /// Reads a PNG file.
    public static func read(_ path: String) throws(DalleError) -> Image {
        let file = try MappedFile(path)
        do throws(DalleError) {
            return try decode(file.bytes)
        } catch {
            throw error.located(file: path)
        }
    }

    /// Writes a picture, which gets its name when it is whole.
    ///
    /// - Throws: `cannotWrite` when the file exists and may not be replaced, or cannot be written.
    public static func write(
        _ image: Image, to path: String, texts: [(keyword: String, text: String)] = [], replacing: Bool
    ) throws(DalleError) {
        let file = try AtomicFile(path, replacing: replacing)
        try file.append(try encode(image, texts: texts))
        try file.commit()
    }

    /// An international text chunk (PNG specification 11.3.3.4), not compressed; libpng's simple interface has none.
    private static func textChunk(_ keyword: String, _ text: String) -> [UInt8] {
        let content = Array("iTXt".utf8) + Array(keyword.utf8) + [0, 0, 0, 0, 0] + Array(text.utf8)
        let checksum = content.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
        return bigEndian(UInt32(content.count - 4)) + content + bigEndian(UInt32(truncatingIfNeeded: checksum))
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian, Array.init) }

    private static func failure(_ image: png_image) -> DalleError {
        DalleError(.fault, "libpng cannot write the picture: \(message(image))")
    }

    private static func message(_ image: png_image) -> String {
        withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
