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

    /// The text model's matrices whose names begin so, once for each row.
    init(_ file: ModelFile, _ prefix: String, rows: Int) {
        for (name, tensor) in Self.tensors(file, .dalleBart) where name.hasPrefix(prefix) && tensor.shape.rank == 2 {
            add(tensor, uses: rows)
        }
    }

    /// A step of the decoder: its matrices but for those that make keys and values of the text, and keys and values of so
    /// large a share of the positions, by default half, which is their mean over an image.
    init(step file: ModelFile, _ model: BartConfiguration, rows: Int, positions: Double = 0.5) {
        for (name, tensor) in Self.tensors(file, .dalleBart)
        where name.hasPrefix("decoder.") && tensor.shape.rank == 2 && !name.contains("embedding") {
            if name.contains("cross_attention.key") || name.contains("cross_attention.value") { continue }
            add(tensor, uses: rows)
            if name.hasSuffix("self_attention.key.weight") { addCache(tensor, model, rows: rows, positions) }
        }
    }

    /// Keys and values that a layer keeps, as bytes if the matrix that makes the keys has whole numbers.
    private mutating func addCache(
        _ key: TensorDescriptor, _ model: BartConfiguration, rows: Int, _ positions: Double
    ) {
        let heads = model.decoder.heads
        let all = AttentionCache.byteCount(
            key.packing == nil ? .float32 : .int8, sequences: rows, heads: heads, headWidth: model.width / heads,
            length: model.imageLength)
        bytes += Int(Double(all) * positions)
        // Keys and values; a product with a byte is two, as the other factor has two bytes.
        let numbers = Int(2 * Double(model.imageLength * model.width * rows) * positions)
        if key.packing == nil { floatProducts += numbers } else { byteProducts += 2 * numbers }
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
        let known = Self.names { () throws(DalleError) in try model.tensors().map(\.name) }
        for (name, tensor) in Self.tensors(file, .clip)
        where name.hasPrefix("vision.") && tensor.shape.rank > 1 && known.contains(name) {
            let parts = name.split(separator: ".")
            switch parts[1] {
            case "layers": add(tensor, uses: positions)
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
