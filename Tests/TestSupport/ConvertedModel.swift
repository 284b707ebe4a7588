public import DalleConvert
public import DalleFormat
import DalleModels
public import DalleQuant

/// Genuine checkpoints as a model file, in a directory of its own.
public struct ConvertedModel {
    public let directory: TemporaryDirectory
    public let file: ModelFile

    /// - Parameter source: A folder of `fixtures`, as the others.
    public init(
        _ source: String, vqgan: String, clip: String? = nil, weightType: ModelAssembly.WeightType = .keep
    ) throws {
        directory = try TemporaryDirectory()
        var request = DalleImport(.flax, source: Fixtures.path(source))
        request.vqgan = Fixtures.path(vqgan)
        request.clip = clip.map(Fixtures.path)
        var assembly = ModelAssembly()
        assembly.compression = .none
        assembly.weightType = weightType
        let path = directory.path("model.dalle")
        _ = try assembly.write(try request.read(), to: path, step: "test")
        file = try ModelFile(path)
    }

    /// The model in fewer bits, beside it.
    public func quantized(_ scheme: any QuantizationScheme) throws -> ModelFile {
        let path = directory.path("\(scheme.name).dalle")
        _ = try Quantizer(file, try QuantizationPlan(file, scheme)).write(to: path, replacing: true)
        return try ModelFile(path)
    }
}
