import DalleFormat
import DalleModels
import DalleRuntime

/// A codec whose tokens are colours of a palette, one for each pixel.
struct PaletteCodec: ImageCodec {
    /// The settings of the part, which say what tensors it has.
    struct Configuration: PartConfiguration {
        static let kind = Component.Kind("palette")

        let colours: Int

        init(_ map: MetadataMap) throws(DalleError) { colours = try map.integer("colours", in: 1...65536) }

        func forEachTensor(_ body: (String, Shape) throws(DalleError) -> Void) throws(DalleError) {
            try body("colours", try Shape([colours, 3]))
        }
    }

    static let kind = Configuration.kind
    let downsampling = 1
    let canEncode = true
    /// `[colours, 3]`, from 0 to 1.
    private let palette: FloatTensor

    init(_ file: ModelFile) throws(DalleError) {
        guard let part = try file.component(Self.kind) else {
            throw DalleError(.missingInput, "holds no palette", file: file.path)
        }
        // The settings are held against the tensors that there are.
        let configuration: Configuration = try file.configuration(of: part)
        palette = try FloatTensor(file, "\(part.name).colours", shape: [configuration.colours, 3])
    }

    var codebookSize: Int { palette.shape[0] }

    func pixels(_ grid: TokenGrid) throws(DalleError) -> FeatureMap {
        var values: [Float] = []
        for token in grid.tokens {
            guard 0..<codebookSize ~= token else { throw DalleError(.usage, "the palette has no colour \(token)") }
            values += (0..<3).map { palette.row(token)[$0] }
        }
        let pixels = Matrix(rows: grid.tokens.count, columns: 3, values: values)
        return FeatureMap(height: grid.height, width: grid.width, pixels: pixels)
    }

    func decode(_ grid: TokenGrid) throws(DalleError) -> Image {
        let values = try pixels(grid).pixels.values
        guard values.allSatisfy({ (0...1).contains($0) }) else {
            throw DalleError(.badData, "a colour is not from 0 to 1")
        }
        return Image(width: grid.width, height: grid.height, bytes: values.map { UInt8(($0 * 255).rounded()) })
    }

    func encode(_ image: Image) throws(DalleError) -> TokenGrid {
        var tokens: [Int] = []
        for pixel in stride(from: 0, to: image.bytes.count, by: 3) {
            func distance(_ colour: Int) -> Float {
                (0..<3).map { palette.row(colour)[$0] - Float(image.bytes[pixel + $0]) / 255 }.reduce(0) {
                    $0 + $1 * $1
                }
            }
            tokens.append((0..<codebookSize).min { distance($0) < distance($1) } ?? 0)
        }
        return try TokenGrid(height: image.height, width: image.width, tokens: tokens)
    }
}
