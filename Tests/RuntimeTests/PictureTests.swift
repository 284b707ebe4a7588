import DalleFormat
import DalleModels
import DalleVerification
import Foundation
import TestSupport
import Testing

@testable import DalleRuntime

/// PNG and JPEG files in all their forms against the pixels that Pillow and OpenCV read (`fixtures/pictures`).
@Suite struct PictureTests {
    private static let reference: Reference? = try? Reference(Fixtures.path("pictures/expected.npz"))
    private static let files: [String] = (reference?.names ?? []).filter {
        $0.hasSuffix(".png") || $0.hasSuffix(".jpg")
    }

    private func expected(_ name: String) throws -> Image {
        let array = try #require(Self.reference).array(name)
        return Image(width: array.shape[1], height: array.shape[0], bytes: array.values.map { UInt8($0) })
    }

    @Test func allFormsAreThere() {
        #expect(Self.files.count { $0.hasSuffix(".png") } == 76)
        #expect(Self.files.count { $0.hasSuffix(".jpg") } == 26)
    }

    @Test(arguments: files)
    func pixelsAreThoseOfOtherPrograms(_ name: String) throws {
        #expect(try PictureFile.read(Fixtures.path("pictures/\(name)")) == expected(name))
    }

    @Test func largePicturesAreMadeSmallerAsTheyAreDecoded() throws {
        let bytes = [UInt8](try Fixtures.data("pictures/baseline.jpg"))
        for (mostPixels, divisor) in [(186, 2), (53, 4), (14, 8)] {
            let image = try JPEGFile.decode(bytes.span, mostPixels: mostPixels)
            #expect(try image == expected("baseline.jpg-\(divisor)"), "\(divisor)")
        }
    }

    @Test(arguments: ["300x200", "101x133", "90x70_grey"], [16, 40, 31])
    func squaresArePillows(_ name: String, _ edge: Int) throws {
        let image = try PictureFile.read(Fixtures.path("torch/preprocess_\(name).png"))
        #expect(try image.squared(to: edge) == expected("squared-\(name)-\(edge)"))
    }

    @Test func smallAndLargePicturesBecomeSquare() throws {
        let small = try PictureFile.read(Fixtures.path("pictures/rgb8.png"))
        #expect(try small.squared(to: 24) == expected("squared-rgb8-24"))
        let large = try PictureFile.read(Fixtures.path("pictures/4000x3000.jpg"))
        #expect(large.width == 4000 && large.height == 3000)
        #expect(try large.squared(to: 32) == expected("squared-4000x3000-32"))
        // Sides of a hundred thousand times each other: only the middle is computed.
        let line = Image(width: 1 << 20, height: 2, bytes: [UInt8](repeating: 9, count: 6 << 20))
        #expect(line.squared(to: 64).bytes.allSatisfy { $0 == 9 })
        let column = Image(width: 1, height: 1 << 20, bytes: [UInt8](repeating: 7, count: 3 << 20))
        #expect(column.squared(to: 64).bytes == [UInt8](repeating: 7, count: 3 * 64 * 64))
    }

    /// A file that ends too early is no picture, wherever that is, not one that is grey from there on.
    @Test(arguments: [
        "baseline.jpg", "progressive.jpg", "restarts.jpg", "inks.jpg", "rgb8.png", "rgba16-some.png",
        "palette4-interlaced.png",
    ])
    func cutFilesAreRefused(_ name: String) throws {
        let bytes = [UInt8](try Fixtures.data("pictures/\(name)"))
        for count in 0..<bytes.count {
            let cut = Array(bytes[..<count])
            let error = #expect(throws: DalleError.self) { try PictureFile.decode(cut.span) }
            #expect(error?.code == .badData, "\(count)")
        }
    }

    @Test(arguments: [
        ("GIF89a\u{1}\u{0}", "a GIF picture"), ("RIFF\u{1}\u{0}\u{0}\u{0}WEBPVP8 ", "a WebP picture"),
        ("BM\u{1}\u{1}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}6", "a BMP picture"), ("II*\u{0}\u{8}", "a TIFF picture"),
        ("MM\u{0}*\u{0}", "a TIFF picture"), ("\u{0}\u{0}\u{0}\u{18}ftypheic", "a HEIC picture"),
        ("\u{0}\u{0}\u{0}\u{18}ftypheix", "a HEIC picture"), ("\u{0}\u{0}\u{0}\u{18}ftypmif1", "a HEIF picture"),
        ("\u{0}\u{0}\u{0}\u{18}ftypavif", "an AVIF picture"), ("\u{0}\u{0}\u{0}\u{C}JXL \r\n", "a JPEG XL picture"),
        ("\u{0}\u{0}\u{0}\u{C}jP  \r\n", "a JPEG 2000 picture"), ("8BPS\u{0}\u{1}", "a Photoshop picture"),
        ("%PDF-1.7", "a PDF document"), ("<svg xmlns", "starts with the bytes"), ("", "is empty"),
    ])
    func otherKindsAreNamed(_ start: String, _ name: String) throws {
        let directory = try TemporaryDirectory()
        try Data(start.utf8).write(to: directory.url.appending(path: "photo.png"))
        let error = try #require(throws: DalleError.self) { try PictureFile.read(directory.path("photo.png")) }
        #expect(error.code == .badData && error.file?.hasSuffix("photo.png") == true)
        #expect(error.message.contains(name) && error.remedy?.contains("PNG or JPEG") == true, "\(error)")
    }

    /// What is claimed is held against the bytes there are, before anything is allocated.
    @Test func claimsAreRefused() throws {
        var bytes = [UInt8](try Fixtures.data("pictures/baseline.jpg"))
        let frame = try #require(bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
        let error = try #require(throws: DalleError.self) { try PictureFile.decode(bytes.span) }
        #expect(error.message.contains("a picture of 65500 × 65500 pixels in"), "\(error)")
    }

    @Test func kindsOfJPEGThatAreNotReadAreNamed() throws {
        var bytes = [UInt8](try Fixtures.data("pictures/baseline.jpg"))
        let frame = try #require(bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        bytes[frame + 4] = 12
        let precise = try #require(throws: DalleError.self) { try PictureFile.decode(bytes.span) }
        #expect(precise.message.contains("precision 12"), "\(precise)")
        bytes[frame + 1] = 0xC3
        let lossless = try #require(throws: DalleError.self) { try PictureFile.decode(bytes.span) }
        #expect(lossless.message.contains("cannot be read: "), "\(lossless)")
    }

    @Test(
        arguments: [
            // Byte order, 42, directory at 8; one entry: tag, type, count, value.
            ([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0], 6),
            ([0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0], 6),
            ([0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 4, 0, 0, 0, 1, 0, 0, 0, 8], 8),
            ([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 1, 0, 1, 0, 0, 0, 3], 3),
            // None, one out of range, another kind of number, a directory outside, entries that are not there.
            ([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0], 1),
            ([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 9, 0, 0, 0], 1),
            ([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 5, 0, 1, 0, 0, 0, 6, 0, 0, 0], 1),
            ([0x49, 0x49, 42, 0, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0], 1),
            ([0x49, 0x49, 42, 0, 8, 0, 0, 0, 0xFF, 0xFF, 0x11, 1], 1),
            ([0x49, 0x4D, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0], 1), ([], 1),
        ] as [([UInt8], Int)])
    func orientationIsRead(_ notes: [UInt8], _ orientation: Int) {
        let read = EXIF.orientation(notes.span)
        #expect(read == orientation)
    }
}
