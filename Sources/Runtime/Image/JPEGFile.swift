import CJPEG
public import DalleFormat
public import DalleModels

/// JPEG files of pictures.
public enum JPEGFile {
    /// The bytes that a JPEG file begins with.
    static let signature: [UInt8] = [0xFF, 0xD8, 0xFF]

    /// A picture from the bytes of a JPEG file, in 8-bit RGB, upright.
    ///
    /// The pixels are those that libjpeg-turbo gives all programs; a colour profile is passed over, as Pillow and OpenCV
    /// do. A picture of more pixels than are read is made smaller as it is decoded.
    ///
    /// - Throws: `badData` when they are no JPEG, a damaged one or one of a kind that libjpeg cannot read, or a picture
    ///   that is too large.
    public static func decode(_ bytes: Span<UInt8>) throws(DalleError) -> Image {
        try decode(bytes, mostPixels: PictureBounds.mostPixels)
    }

    static func decode(_ bytes: Span<UInt8>, mostPixels: Int) throws(DalleError) -> Image {
        try bytes.withUnsafeBufferPointer { bytes throws(DalleError) in try decode(bytes, mostPixels: mostPixels) }
    }

    private static func decode(
        _ bytes: UnsafeBufferPointer<UInt8>, mostPixels: Int
    ) throws(DalleError) -> Image {
        guard let picture = jpeg_picture_open(bytes.baseAddress, bytes.count) else {
            throw DalleError.noMemory(0, for: "a picture")
        }
        defer { jpeg_picture_close(picture) }
        try check(picture)
        let (fullWidth, fullHeight) = (Int(picture.pointee.width), Int(picture.pointee.height))
        // A bit for a block of 64 is the least that Huffman's code takes; twice that is allowed.
        try PictureBounds.check(fullWidth, fullHeight, in: bytes.count, densest: 1024, most: .max)
        func size(_ divisor: Int) -> (Int, Int) {
            ((fullWidth + divisor - 1) / divisor, (fullHeight + divisor - 1) / divisor)
        }
        // Edges have 16 bits, so that an eighth of both is always few enough.
        let divisor = [1, 2, 4].first { size($0).0 * size($0).1 <= mostPixels } ?? 8
        let (width, height) = size(divisor)
        // libjpeg forgets the notes with the pixels.
        let exif = UnsafeBufferPointer(start: picture.pointee.exif, count: picture.pointee.exif_count)
        let orientation = EXIF.orientation(exif.span)
        let channels = Int(picture.pointee.channels)
        // Once more to stand it upright, and less without transparency.
        try SystemMemory.require(2 * channels * width * height, for: "a picture")
        var pixels = [UInt8](repeating: 0, count: channels * width * height)
        _ = jpeg_picture_read(picture, Int32(divisor), &pixels, pixels.count)
        try check(picture)
        // Inks are stored as what they leave of white, as Adobe's programs do and Pillow assumes.
        if channels == 4 { pixels.foldFourths { ink, black in black - product(black, 255 - ink) } }
        return Image(width: width, height: height, bytes: pixels).upright(orientation)
    }

    /// Pillow's product of two shares of 255.
    private static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
        let product = Int(a) * Int(b) + 128
        return UInt8((product >> 8 + product) >> 8)
    }

    private static func check(_ picture: UnsafeMutablePointer<jpeg_picture>) throws(DalleError) {
        let message = withUnsafeBytes(of: &picture.pointee.message) { text in
            String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard message.isEmpty else {
            throw DalleError(
                .badData, "is a JPEG picture that cannot be read: \(message)",
                remedy: "Get it again, or save it anew as an ordinary JPEG or PNG picture")
        }
    }
}
