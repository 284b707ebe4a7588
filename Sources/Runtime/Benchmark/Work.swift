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

    private static func tensors(_ file: ModelFile, _ kind: Component.Kind) -> [(name: Substring, TensorDescriptor)] {
        // Damage has been said before anything is measured.
        guard let component = try? file.component(kind) else { return [] }
        return file.tensors(of: component).map { ($0.name.dropFirst(component.name.count + 1), $0) }
    }

    /// What a configuration names: what else a file holds nobody computes with.
    private static func names(_ known: () throws(DalleError) -> [String]) -> Set<Substring> {
        Set(((try? known()) ?? []).map { Substring($0) })
    }

    /// A pass of the text encoder.
    init(encoder file: ModelFile, _ model: BartConfiguration, rows: Int) {
        add(model.transformer(.encoder), Self.tensors(file, .dalleBart), rows: rows)
    }

    /// A step of the decoder, by default with half of an image's positions to attend to, which is their mean.
    init(step file: ModelFile, _ model: BartConfiguration, rows: Int, positions: Double = 0.5) {
        let tensors = Self.tensors(file, .dalleBart)
        add(model.transformer(.decoder), tensors, rows: rows, share: positions)
        for (name, tensor) in tensors where name == "decoder.logits.weight" { add(tensor, uses: rows) }
    }

    /// A pass through a stack's layers: its matrices, once for each row.
    ///
    /// - Parameter share: Where the pass goes on with keys and values that are kept: those of so large a share of the positions
    ///   are read.
    private mutating func add(
        _ stack: TransformerStack, _ tensors: [(name: Substring, TensorDescriptor)], rows: Int, share: Double? = nil
    ) {
        let byName = Dictionary(uniqueKeysWithValues: tensors.map { (String($0.name), $0.1) })
        for name in stack.matrices(isStep: share != nil) {
            if let tensor = byName[name] { add(tensor, uses: rows) }
        }
        guard let share else { return }
        for name in stack.keyMatrices(.selfAttention) {
            let isInt8 = byName[name]?.packing != nil
            bytes += Int(
                Double(stack.cacheByteCount(sequences: rows, positions: stack.length, isInt8: isInt8)) * share)
            // Keys and values; a product with a byte is two, as the other factor has two bytes.
            let numbers = Int(2 * Double(stack.length * stack.width * rows) * share)
            if isInt8 { byteProducts += 2 * numbers } else { floatProducts += numbers }
        }
    }

    /// The convolutions of a VQGAN's decoder, once for each pixel of their level, all products counted: Winograd's algorithm
    /// has fewer.
    init(image file: ModelFile, _ model: VQGANConfiguration, side: Int) {
        let known = Self.names { () throws(DalleError) in try model.tensors().map(\.name) }
        for (name, tensor) in Self.tensors(file, .vqgan) where tensor.shape.rank == 4 && known.contains(name) {
            guard name.hasPrefix("decoder.") || name.hasPrefix("post_quant") else { continue }
            let parts = name.split(separator: ".")
            var level = model.levels - 1
            if parts.count > 2, parts[1] == "up", let number = Int(parts[2]) {
                // An upsampling convolution works on the next level's pixels.
                level = parts[3] == "upsample" ? number - 1 : number
            } else if parts[1] == "conv_out" {
                level = 0
            }
            let pixels = side << (model.levels - 1 - max(level, 0))
            add(tensor, uses: pixels * pixels)
        }
    }

    /// What CLIP sees a picture by: the matrices of a transformer, once for each patch and the state that sums them up, or the
    /// convolutions of a residual network, once for each pixel of their stage, and the matrices that pool it.
    init(picture file: ModelFile, _ model: CLIPConfiguration) {
        let positions = model.positionsPerEdge * model.positionsPerEdge + 1
        if case .transformer(let tower, _) = model.vision {
            add(model.visionTransformer(tower), Self.tensors(file, .clip), rows: positions)
        }
        let known = Self.names { () throws(DalleError) in try model.tensors().map(\.name) }
        for (name, tensor) in Self.tensors(file, .clip)
        where name.hasPrefix("vision.") && tensor.shape.rank > 1 && known.contains(name) {
            let parts = name.split(separator: ".")
            switch parts[1] {
            case "stem": add(tensor, uses: model.imageSize / 2 * (model.imageSize / 2))
            case "stages":
                guard let stage = Int(parts[2]) else { continue }
                // The first block of a stage halves its image within, but that of the first stage before.
                let isLarge = stage > 0 && parts[3] == "0" && (parts[4] == "reduce" || parts[4] == "spatial")
                let side = (model.imageSize / 4) >> (isLarge ? stage - 1 : stage)
                add(tensor, uses: side * side)
            case "pool" where parts[2] == "key" || parts[2] == "value": add(tensor, uses: positions)
            case "pool" where parts[2] == "query" || parts[2] == "output": add(tensor, uses: 1)
            default: continue
            }
        }
    }
}
