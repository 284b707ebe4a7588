import ArgumentParser
import CommandSupport
import DalleFormat
import DalleKernels
import DalleRuntime
import Foundation

struct Reconstruct: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Encode a picture to codes and decode them again: what the VQGAN can show.",
        discussion: """
            The picture's edges are cut to multiples of the pixels that one code stands for, around its middle.

            EXAMPLES
              dalle-run reconstruct photo.png mega.dalle -o again.png
              dalle-run reconstruct photo.png vqgan.dalle --json -o again.png
            """)

    @Argument(help: "The picture, a PNG file.")
    var image: String

    @Argument(help: "A model file with a whole VQGAN.")
    var file: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The PNG file to write. (default: IMAGE-reconstructed.png, here)", valueName: "file"))
    var output: String?

    @Flag(help: "Replace the output if it exists.")
    var force = false

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var work: WorkOptions
    @OptionGroup var common: CommonOptions

    /// Attention among all codes takes memory with the fourth power of the edge.
    private static let longestEdge = 2048

    private struct Report: Encodable {
        let output: String
        let width: Int
        let height: Int
        let codes: [Int]
        let psnr: Double
    }

    func run() throws {
        try common.run {
            let stem = URL(filePath: image).deletingPathExtension().lastPathComponent
            let path = output ?? "\(stem)-reconstructed.png"
            try OutputPath.check(path, replacing: force, inputs: [image, file])
            let context = compute.context(work)
            let model = try ModelFile(file)
            let encoder = try VQGANEncoder(model, context)
            let picture = try cut(try PNGFile.read(image), encoder.configuration.factor)
            let codes = try encoder.codes(picture)
            let factor = encoder.configuration.factor
            let again = try VQGANDecoder(model, context).image(
                codes, height: picture.height / factor, width: picture.width / factor)
            try PNGFile.write(again, to: path, replacing: force)
            let psnr = again.psnr(picture)
            if common.json {
                try Console.result(
                    json: Report(output: path, width: again.width, height: again.height, codes: codes, psnr: psnr))
            } else {
                Console.result(
                    "\(path): \(again.width) × \(again.height) pixels from \(codes.count) codes, "
                        + (psnr.isInfinite
                            ? "equal to the original" : String(format: "%.1f dB from the original", psnr)))
            }
        }
    }

    private func cut(_ picture: Image, _ factor: Int) throws(DalleError) -> Image {
        let (width, height) = (picture.width / factor * factor, picture.height / factor * factor)
        guard min(width, height) > 0, max(width, height) <= Self.longestEdge else {
            throw DalleError(
                .badData,
                "has \(picture.width) × \(picture.height) pixels, expected edges from \(factor) to "
                    + "\(Self.longestEdge)", remedy: "Scale it first", file: image)
        }
        guard (width, height) != (picture.width, picture.height) else { return picture }
        common.console.note("the middle \(width) × \(height) pixels are taken: multiples of \(factor)")
        return picture.centerCropped(width: width, height: height)
    }
}
