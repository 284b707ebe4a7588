import DalleFormat
import DalleModels
import DalleRuntime
import Foundation
import TestSupport
import Testing

@Suite struct ImageTests {
    @Test(arguments: [(1, 1), (5, 3), (64, 64), (257, 2)])
    func picturesComeBackFromPNG(_ width: Int, _ height: Int) throws {
        var generator = SeededGenerator(seed: 9)
        let bytes = (0..<3 * width * height).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let image = Image(width: width, height: height, bytes: bytes)
        let texts = [("Description", "un café, 猫"), ("Comment", "")]
        // libpng checks the checksums of the text chunks that it passes over, as well.
        let png = try PNGFile.encode(image, texts: texts)
        #expect(try PNGFile.decode(png.span) == image)
        #expect(throws: DalleError.self) { try PNGFile.decode(Array(png.dropLast(20)).span) }
        #expect(throws: DalleError.self) { try PNGFile.decode(Array("no picture".utf8).span) }
        #expect(Data(png).range(of: Data("iTXtDescription\0\0\0\0\0un café, 猫".utf8)) != nil)
    }

    @Test func pixelsAreClampedAndRoundedDown() {
        let raw = FeatureMap(
            height: 1, width: 2, pixels: Matrix(rows: 2, columns: 3, values: [-1.5, -1, 0, 0.999, 1, .nan]))
        #expect(Image(raw, range: .signed).bytes == [0, 0, 127, 254, 255, 0])
        #expect(Image(raw, range: .unsigned).bytes == [0, 0, 0, 254, 255, 0])
    }

    @Test func aGridIsFilledRowByRow() {
        let images = (1...3).map { Image(width: 1, height: 2, bytes: [UInt8](repeating: $0, count: 6)) }
        let grid = Image.grid(images, columns: 2)
        #expect(grid.width == 2 && grid.height == 4)
        #expect(
            stride(from: 0, to: 24, by: 3).map { grid.bytes[$0] } == [1, 2, 1, 2, 3, 255, 3, 255],
            "what is empty is white")
        let apart = Image.grid(images, columns: 2, gap: 1)
        #expect(apart.width == 3 && apart.height == 5)
        #expect(
            stride(from: 0, to: 45, by: 3).map { apart.bytes[$0] } == [
                1, 255, 2, 1, 255, 2, 255, 255, 255, 3, 255, 255, 3, 255, 255,
            ])
        #expect(Image.grid(Array(images.prefix(1)), columns: 1, gap: 9) == images[0])
    }
}
