import DalleFormat
import DalleKernels
import DalleModels

/// What a stage has to read and to multiply, from the tensors of a file.
struct Work {
    var bytes = 0
    /// Of these, those of tensors that are compressed.
    var unpackedBytes = 0
    var floatProducts = 0
    /// Products of whole numbers, which machines do faster.
    var byteProducts = 0

    private mutating func add(_ tensor: TensorDescriptor, uses: Int) {
        bytes += tensor.byteCount
        if !tensor.isStored { unpackedBytes += tensor.byteCount }
        let products = tensor.shape.count * uses
        if tensor.packing == nil { floatProducts += products } else { byteProducts += products }
    }

    /// A part's tensors, by their names without the part's.
    private typealias Tensors = [String: TensorDescriptor]

    private static func tensors(_ file: ModelFile, _ kind: Component.Kind) -> Tensors {
        // Damage has been said before anything is measured.
        guard let component = try? file.component(kind) else { return [:] }
        let tensors = file.tensors(of: component).map { (String($0.name.dropFirst(component.name.count + 1)), $0) }
        return Dictionary(tensors) { first, _ in first }
    }

    /// A pass of the text encoder.
    init(encoder file: ModelFile, _ model: BartConfiguration, rows: Int) {
        add(model.transformer(.encoder), Self.tensors(file, .dalleBart), rows: rows)
    }

    /// A step of the decoder, by default with half of an image's positions to attend to, which is their mean.
    init(step file: ModelFile, _ model: BartConfiguration, rows: Int, positions: Double = 0.5) {
        let tensors = Self.tensors(file, .dalleBart)
        add(model.transformer(.decoder), tensors, rows: rows, share: positions)
        if let logits = tensors["decoder.logits.weight"] { add(logits, uses: rows) }
    }

    /// A pass through a stack's layers: its matrices, once for each row.
    ///
    /// - Parameter share: Where the pass goes on with keys and values that are kept: those of so large a share of the positions
    ///   are read.
    private mutating func add(
        _ stack: TransformerStack, _ tensors: Tensors, rows: Int, share: Double? = nil
    ) {
        for name in stack.matrices(isStep: share != nil) {
            if let tensor = tensors[name] { add(tensor, uses: rows) }
        }
        guard let share else { return }
        for name in stack.keyMatrices(.selfAttention) {
            let isInt8 = tensors[name]?.packing != nil
            bytes += Int(
                Double(stack.cacheByteCount(sequences: rows, positions: stack.length, isInt8: isInt8)) * share)
            // Keys and values; a product with a byte is two, as the other factor has two bytes.
            let numbers = Int(2 * Double(stack.length * stack.width * rows) * share)
            if isInt8 { byteProducts += 2 * numbers } else { floatProducts += numbers }
        }
    }

    /// The convolutions of a VQGAN's decoder.
    init(image file: ModelFile, _ model: VQGANConfiguration, side: Int) {
        add(model.decoder, Self.tensors(file, .vqgan), height: side, width: side)
    }

    /// A network's convolutions, once for each pixel that they give, all products counted: Winograd's algorithm has fewer.
    private mutating func add(_ network: ConvNetwork, _ tensors: Tensors, height: Int, width: Int) {
        network.forEachConvolution(height: height, width: width) { layer, _, output in
            if let tensor = tensors["\(layer.name).weight"] { add(tensor, uses: output.pixels) }
        }
    }

    /// What CLIP sees a picture by: the matrices of a transformer, once for each patch and the state that sums them up, or the
    /// convolutions of a residual network and the matrices that pool what it gives.
    init(picture file: ModelFile, _ model: CLIPConfiguration) {
        let positions = model.positionsPerEdge * model.positionsPerEdge + 1
        let tensors = Self.tensors(file, .clip)
        switch model.vision {
        case .transformer(let tower, _): add(model.visionTransformer(tower), tensors, rows: positions)
        case .residual(let network):
            add(network.features, tensors, height: model.imageSize, width: model.imageSize)
            for (layer, uses) in [("query", 1), ("key", positions), ("value", positions), ("output", 1)] {
                if let tensor = tensors["vision.pool.\(layer).weight"] { add(tensor, uses: uses) }
            }
        }
    }
}
