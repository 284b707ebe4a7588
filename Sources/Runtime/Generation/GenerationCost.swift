public import DalleFormat
import DalleModels

/// About how long the stages of a generation take.
///
/// Products are counted at the machine's own speed, and what is read at that of the machine that docs/BENCHMARKS.md measures:
/// what it comes to on another is learnt on the way.
public struct GenerationCost: Sendable {
    /// A text that goes through the encoder.
    let prompt: Double
    /// Loading the decoder.
    let loading: Double
    /// Codes of an image.
    let length: Int
    /// The first code of an image, and the last, which looks back on all others; and what each takes more for every
    /// further image that is drawn with it.
    let firstCode: (one: Double, more: Double)
    let lastCode: (one: Double, more: Double)
    /// Loading what makes pictures of codes, and judges them.
    let painter: Double
    /// A picture of its codes, judged if it is.
    let picture: Double

    /// What the machine reads and multiplies in a second.
    private static let readBandwidth = 28e9
    /// Compressed weights become as many bytes in a second.
    private static let unpackedBandwidth = 1.5e9
    /// Convolutions take longer than their products in 8 bits, and save some in float32.
    private static let convolvedFloats = 0.7
    private static let convolvedBytes = 2.0

    /// Of known times.
    public init(
        prompt: Double, loading: Double, length: Int, firstCode: (one: Double, more: Double),
        lastCode: (one: Double, more: Double), painter: Double = 0, picture: Double
    ) {
        self.prompt = prompt
        self.loading = loading
        self.length = length
        self.firstCode = firstCode
        self.lastCode = lastCode
        self.painter = painter
        self.picture = picture
    }

    /// Of a model file, from the sizes and types of its tensors.
    ///
    /// - Parameters:
    ///   - sequences: For each image: two with guidance.
    ///   - ranks: Pictures are judged by CLIP.
    public init(
        _ file: ModelFile, _ context: ComputeContext, sequences: Int, ranks: Bool
    ) throws(DalleError) {
        guard let bart = try file.component(.dalleBart), let vqgan = try file.component(.vqgan) else {
            throw DalleError(.missingInput, "holds no model to draw with", file: file.path)
        }
        let model = try file.configuration(of: bart, as: BartConfiguration.self)
        let side = Int(Double(model.imageLength).squareRoot())
        let limits = LimitMeter.glance(context, readBandwidth: Self.readBandwidth)
        let encoder = Work(encoder: file, model, rows: model.textLength / 4)
        prompt = limits.sum(encoder)
        func step(_ positions: Double) -> (one: Double, more: Double) {
            let one = limits.sum(Work(step: file, model, rows: sequences, positions: positions))
            let two = limits.sum(Work(step: file, model, rows: 2 * sequences, positions: positions))
            return (one, two - one)
        }
        length = model.imageLength
        firstCode = step(0)
        lastCode = step(1)
        loading = firstCode.one
        let pixels = Work(image: file, try file.configuration(of: vqgan, as: VQGANConfiguration.self), side: side)
        var picture =
            Self.convolvedFloats * Double(pixels.floatProducts) / limits.floatProducts
            + Self.convolvedBytes * Double(pixels.byteProducts) / limits.byteProducts
        var unpacked = pixels.unpackedBytes
        if ranks {
            // Its settings are held against its tensors before anything is counted by them.
            _ = try CLIPScorer(file, context)
            if let clip = try file.component(.clip) {
                let look = Work(picture: file, try file.configuration(of: clip, as: CLIPConfiguration.self))
                picture += limits.sum(look)
                unpacked += look.unpackedBytes
            }
        }
        self.painter = Double(unpacked) / Self.unpackedBandwidth
        self.picture = picture
    }

    /// The first `codes` codes of each of some images that are drawn together.
    func drawing(_ codes: Int, images: Int) -> Double {
        let others = Double(images - 1)
        let (first, last) = (firstCode.one + firstCode.more * others, lastCode.one + lastCode.more * others)
        let end = first + (last - first) * Double(codes) / Double(max(length, 1))
        return Double(codes) * (first + end) / 2
    }
}
