import ArgumentParser
import CommandSupport
import DalleFormat
import DalleKernels
import DalleModels
import DalleRuntime
import Foundation

struct Reconstruct: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Encode a picture to codes and decode them again: what the VQGAN can show.",
        discussion: """
            The picture is a PNG or JPEG file of any size. Its middle square is scaled to the size that the model draws \
            (256 pixels if the file has no DALL·E), as pictures were before the models saw them. With --keep-size it is \
            taken as it is, its edges cut to multiples of the pixels that one code stands for; attention and norms then see \
            more at once than in training, so that colours may turn. Of a sheet give the pictures one by one.

            Cameras' orientation is followed. Colours are taken as the original programs take them: the numbers in the file, \
            of 16 bits the upper 8, colour profiles and gamma passed over; transparency is laid on black.

            EXAMPLES
              dalle-run reconstruct mega.dalle photo.jpg -o again.png
              dalle-run reconstruct vqgan.dalle photo.png --json -o again.png
              dalle-run reconstruct mega.dalle drawn.png --keep-size
            """)

    @Argument(help: "A model file with a whole VQGAN.", completion: .file())
    var file: String

    @Argument(help: ArgumentHelp("The picture, a PNG or JPEG file.", valueName: "picture"), completion: .file())
    var image: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The PNG file to write, or - for standard output. (default: PICTURE-reconstructed.png, here)",
            valueName: "file"),
        completion: .file())
    var output: String?

    @Flag(help: "Take the picture in its own size.")
    var keepSize = false

    @Flag(help: "Replace the output if it exists.")
    var force = false

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var work: WorkOptions
    @OptionGroup var common: CommonOptions

    /// Attention among all codes takes memory with the fourth power of the edge.
    private static let maximumEdge = 2048
    /// Pixels along an edge of the pictures that published VQGANs were trained with.
    private static let usualEdge = 256

    private struct Report: Encodable {
        let output: String
        let width: Int
        let height: Int
        let codes: [Int]
        let psnr: Double
    }

    mutating func validate() throws {
        guard output != OutputPath.standardOutput || !common.json else {
            throw ValidationError("-o - writes the picture to standard output, not beside --json: give -o a file.")
        }
        // The picture came first once.
        if Self.isModel(image) && !Self.isModel(file) || PictureFile.isPicture(file) && !PictureFile.isPicture(image) {
            (file, image) = (image, file)
        }
    }

    func run() throws {
        try common.run {
            let stem = URL(filePath: image).deletingPathExtension().lastPathComponent
            let path = output ?? "\(stem)-reconstructed.png"
            var claims = OutputClaims(replacing: force, inputs: [image, file])
            try claims.add(path, orStandardOutput: true)
            let context = compute.context(work)
            let model = try DalleModel(file)
            let codec = try model.codec(context)
            guard codec.canEncode else {
                throw DalleError(
                    .missingInput, "holds only the decoding half of its VQGAN",
                    remedy: "Convert a VQGAN checkpoint that has an encoder", file: file)
            }
            let factor = codec.downsampling
            let original = try PictureFile.read(image)
            let picture = keepSize ? try cut(original, factor) : original.squared(to: try edge(model, factor, context))
            let grid = try codec.encode(picture)
            let again = try codec.decode(grid)
            let isWritten = try PictureOutput.write(again, to: path, replacing: force)
            let psnr = again.psnr(picture)
            if common.json {
                try Console.result(
                    json: Report(output: path, width: again.width, height: again.height, codes: grid.tokens, psnr: psnr)
                )
            } else {
                let isWhole = (picture.width, picture.height) == (original.width, original.height)
                let compared = isWhole ? "the original" : "the original at this size"
                let text =
                    "\(PictureOutput.name(path)): \(again.width) × \(again.height) pixels from \(grid.tokens.count) codes, "
                    + (psnr.isInfinite ? "equal to \(compared)" : String(format: "%.1f dB from \(compared)", psnr))
                if path != OutputPath.standardOutput {
                    Console.result(text)
                } else if isWritten {
                    common.console.note(text)
                }
            }
        }
    }

    private static func isModel(_ path: String) -> Bool {
        (try? MappedFile(path)).map { FileSignature.isModelFile($0.bytes) } ?? false
    }

    /// Pixels along an edge of what the model draws.
    private func edge(_ model: DalleModel, _ factor: Int, _ context: ComputeContext) throws(DalleError) -> Int {
        guard model.has(.tokenModel) else { return max(Self.usualEdge / factor, 1) * factor }
        let edge = factor * (try model.tokenModel(context).interface.width)
        guard edge <= Self.maximumEdge else {
            throw DalleError(
                .badData, "draws \(edge) × \(edge) pixels, expected at most \(Self.maximumEdge)", file: file)
        }
        return edge
    }

    private func cut(_ picture: Image, _ factor: Int) throws(DalleError) -> Image {
        let (width, height) = (picture.width / factor * factor, picture.height / factor * factor)
        guard min(width, height) > 0, max(width, height) <= Self.maximumEdge else {
            throw DalleError(
                .badData,
                "has \(picture.width) × \(picture.height) pixels, expected edges from \(factor) to "
                    + "\(Self.maximumEdge)", remedy: "Scale it first, or leave out --keep-size", file: image)
        }
        guard (width, height) != (picture.width, picture.height) else { return picture }
        common.console.note("the middle \(width) × \(height) pixels are taken: multiples of \(factor)")
        return picture.centerCropped(width: width, height: height)
    }
}
