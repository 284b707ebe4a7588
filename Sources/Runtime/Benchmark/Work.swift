import DalleFormat

/// What a stage has to read and to multiply, from the tensors of a file.
struct Work {
    var bytes = 0
    var floatProducts = 0
    /// Products of whole numbers, which machines do faster.
    var byteProducts = 0

    private mutating func add(_ tensor: TensorDescriptor, uses: Int) {
        bytes += tensor.byteCount
        let products = tensor.shape.count * uses
        if tensor.packing == nil { floatProducts += products } else { byteProducts += products }
    }

    private static func tensors(_ file: ModelFile, _ kind: Component.Kind) -> [(name: Substring, TensorDescriptor)] {
        // Damage has been said before anything is measured.
        guard let component = try? file.component(kind) else { return [] }
        return file.tensors(of: component).map { ($0.name.dropFirst(component.name.count + 1), $0) }
    }

    /// The text model's matrices whose names begin so, once for each row.
    init(_ file: ModelFile, _ prefix: String, rows: Int) {
        for (name, tensor) in Self.tensors(file, .dalleBart) where name.hasPrefix(prefix) && tensor.shape.rank == 2 {
            add(tensor, uses: rows)
        }
    }

    /// A step of the decoder: its matrices but for those that make keys and values of the text, and half of the positions'
    /// keys and values, which is their mean over an image.
    init(step file: ModelFile, _ model: BartConfiguration, rows: Int) {
        for (name, tensor) in Self.tensors(file, .dalleBart)
        where name.hasPrefix("decoder.") && tensor.shape.rank == 2 && !name.contains("embedding") {
            if name.contains("cross_attention.key") || name.contains("cross_attention.value") { continue }
            add(tensor, uses: rows)
        }
        let cached = model.decoder.layers * model.imageLength * model.width * rows
        bytes += (byteProducts > 0 ? 2 : 4) * cached
        floatProducts += cached
    }

    /// The convolutions of a VQGAN's decoder, once for each pixel of their level, all products counted: Winograd's algorithm
    /// has fewer.
    init(image file: ModelFile, _ model: VQGANConfiguration, side: Int) {
        for (name, tensor) in Self.tensors(file, .vqgan) where tensor.shape.rank == 4 {
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

    /// The matrices of the transformer by which CLIP sees a picture, once for each patch and the state that sums them up; nil
    /// for the other kind of network.
    init?(picture file: ModelFile, _ model: CLIPConfiguration) {
        guard case .transformer(_, let patchSize) = model.vision else { return nil }
        let side = model.imageSize / patchSize
        for (name, tensor) in Self.tensors(file, .clip)
        where name.hasPrefix("vision.layers.") && tensor.shape.rank == 2 {
            add(tensor, uses: side * side + 1)
        }
    }
}
