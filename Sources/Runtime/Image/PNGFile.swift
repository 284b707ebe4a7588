import CPNG
import CZlib
public import DalleFormat
public import DalleModels

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

    /// The bytes that a PNG file begins with.
    static let signature: [UInt8] = [0x89] + Array("PNG\r\n\u{1A}\n".utf8)

    /// A picture from the bytes of a PNG file, in 8-bit RGB, upright.
    ///
    /// As Pillow and OpenCV read it, and so the programs of these models: of 16 bits the upper 8 count, and what the file
    /// says of its colour space is passed over. Transparency is laid on black.
    ///
    /// - Throws: `badData` when they are no PNG, a damaged one, or a picture that is too large.
    public static func decode(_ bytes: Span<UInt8>) throws(DalleError) -> Image {
        let image = try bytes.withUnsafeBufferPointer { bytes throws(DalleError) in try opaque(bytes) }
        guard let exif = try exif(bytes) else { return image }
        return image.upright(EXIF.orientation(bytes.extracting(exif)))
    }

    private static func opaque(_ bytes: UnsafeBufferPointer<UInt8>) throws(DalleError) -> Image {
        guard let picture = png_picture_open(bytes.baseAddress, bytes.count) else {
            throw DalleError.noMemory(0, for: "a picture")
        }
        defer { png_picture_close(picture) }
        try check(picture)
        let (width, height) = (Int(picture.pointee.width), Int(picture.pointee.height))
        // Eight pixels in a byte, which deflate shortens to at most a 1032nd.
        try PictureBounds.check(width, height, in: bytes.count, densest: 8 * 1032)
        let channels = Int(picture.pointee.channels)
        // Once more to stand it upright, and less without transparency.
        try SystemMemory.require(2 * channels * width * height, for: "a picture")
        var pixels = [UInt8](repeating: 0, count: channels * width * height)
        _ = png_picture_read(picture, &pixels)
        try check(picture)
        if channels == 4 {
            pixels.foldFourths { color, opacity in UInt8((Int(color) * Int(opacity) + 127) / 255) }
        }
        return Image(width: width, height: height, bytes: pixels)
    }

    private static func check(_ picture: UnsafeMutablePointer<png_picture>) throws(DalleError) {
        let message = withUnsafeBytes(of: &picture.pointee.message) { text(of: $0) }
        guard message.isEmpty else {
            throw DalleError(
                .badData, "is a damaged PNG picture: \(message)", remedy: "Get it again, or save it anew")
        }
    }

    /// Where the EXIF data lie, of a file that libpng has read to its end.
    private static func exif(_ bytes: Span<UInt8>) throws(DalleError) -> Range<Int>? {
        var reader = ByteReader(bytes)
        try reader.skip(signature.count)
        while true {
            // Each chunk: its length, its name, its data, its checksum.
            let length = Int(try reader.bigEndian(UInt32.self))
            switch try reader.bigEndian(UInt32.self) {
            case 0x6558_4966: return reader.offset..<reader.offset + length  // eXIf
            case 0x4945_4E44: return nil  // IEND
            default: try reader.skip(length + 4)
            }
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
        withUnsafeBytes(of: image.message) { text(of: $0) }
    }

    private static func text(of bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
