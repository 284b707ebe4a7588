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
        // The first call measures, the second writes.
        var size = 0
        guard png_image_write_to_memory(&description, nil, &size, 0, image.bytes, 0, nil) != 0 else {
            throw failure(description)
        }
        var bytes = [UInt8](repeating: 0, count: size)
        guard png_image_write_to_memory(&description, &bytes, &size, 0, image.bytes, 0, nil) != 0 else {
            throw failure(description)
        }
        bytes.removeLast(bytes.count - size)
        // After the signature (8 bytes) and the IHDR chunk (25).
        bytes.insert(contentsOf: texts.flatMap { textChunk($0.keyword, $0.text) }, at: 33)
        return bytes
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
        let message = withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return DalleError(.fault, "libpng cannot write the picture: \(message)")
    }
}
