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
    /// - Throws: `badData` when settings and tensors of a part do not fit.
    public init(
        _ model: DalleModel, _ context: ComputeContext, sequences: Int, ranks: Bool
    ) throws(DalleError) {
        let (kinds, file) = (model.registry.parts, model.file)
        let limits = LimitMeter.glance(context, readBandwidth: Self.readBandwidth)
        let tokenModel = try kinds.tokenModel(in: file)
        let interface = tokenModel?.settings.interface
        prompt =
            tokenModel.map {
                limits.sum($0.settings.promptCost($0.tensors, tokens: $0.settings.interface.textLength / 4))
            } ?? 0
        func step(_ positions: Double) -> (one: Double, more: Double) {
            func seconds(_ rows: Int) -> Double {
                tokenModel.map { limits.sum($0.settings.stepCost($0.tensors, rows: rows, positions: positions)) } ?? 0
            }
            let one = seconds(sequences)
            return (one, seconds(2 * sequences) - one)
        }
        length = interface?.length ?? 1
        firstCode = step(0)
        lastCode = step(1)
        loading = firstCode.one
        let pixels =
            try kinds.codec(in: file).map {
                $0.settings.decodingCost($0.tensors, height: interface?.height ?? 1, width: interface?.width ?? 1)
            } ?? OperationCost()
        var picture =
            Self.convolvedFloats * Double(pixels.floatProducts) / limits.floatProducts
            + Self.convolvedBytes * Double(pixels.int8Products) / limits.byteProducts
        var unpacked = pixels.unpackedBytes
        if ranks, let scorer = try kinds.scorer(in: file) {
            let look = scorer.settings.imageCost(scorer.tensors)
            picture += limits.sum(look)
            unpacked += look.unpackedBytes
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
