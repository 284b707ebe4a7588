import DalleFormat
import DalleModels
import DalleThreads

/// A VQGAN as the codec of a model; each half is loaded when it is first needed.
final class VQGANCodec: ImageCodec {
    let configuration: VQGANConfiguration
    private let decoder: LoadedOnce<VQGANDecoder>
    private let encoder: LoadedOnce<VQGANEncoder>

    /// - Throws: `badData` when settings and tensors do not fit.
    init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        configuration = try VQGANWeights(file, context).configuration
        decoder = LoadedOnce { () throws(DalleError) in try VQGANDecoder(file, context) }
        encoder = LoadedOnce { () throws(DalleError) in try VQGANEncoder(file, context) }
    }

    var codebookSize: Int { configuration.codebookSize }
    var downsampling: Int { configuration.factor }
    var canEncode: Bool { configuration.encoding != .none }

    func pixels(_ grid: TokenGrid) throws(DalleError) -> FeatureMap {
        var pixels = try decoder.get().decode(grid.tokens, height: grid.height, width: grid.width)
        for i in pixels.pixels.values.indices {
            pixels.pixels.values[i] = configuration.pixelRange.unitOrNaN(pixels.pixels.values[i])
        }
        return pixels
    }

    func decode(_ grid: TokenGrid) throws(DalleError) -> Image {
        try decoder.get().image(grid.tokens, height: grid.height, width: grid.width)
    }

    func encode(_ image: Image) throws(DalleError) -> TokenGrid {
        let tokens = try encoder.get().codes(image)
        return try TokenGrid(height: image.height / downsampling, width: image.width / downsampling, tokens: tokens)
    }
}

/// A part that is loaded by whoever needs it first.
final class LoadedOnce<Part: Sendable>: Sendable {
    private let part = Monitor<Part?>(nil)
    private let load: @Sendable () throws(DalleError) -> Part

    init(_ load: @escaping @Sendable () throws(DalleError) -> Part) { self.load = load }

    func get() throws(DalleError) -> Part {
        try part.withLock { part throws(DalleError) in
            let loaded = if let part { part } else { try load() }
            part = loaded
            return loaded
        }
    }
}
