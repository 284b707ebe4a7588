import DalleFormat
import DalleModels

/// A VQGAN's tensors.
struct VQGANWeights: Sendable {
    let configuration: VQGANConfiguration
    let tensor: ComponentTensors

    init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        guard let component = try file.component(.vqgan) else { throw Self.missing(file) }
        configuration = try file.configuration(of: component)
        tensor = try ComponentTensors(file, component, configuration, context)
    }

    static func missing(_ file: ModelFile) -> DalleError {
        DalleError(
            .missingInput, "holds no VQGAN, which makes pictures of codes",
            remedy:
                "Add one: dalle-convert vqgan SOURCE -o vqgan.dalle, then dalle-convert merge FILE vqgan.dalle -o NEW",
            file: file.path)
    }

    /// The error for a half's results of `x` that are no numbers.
    func nonFinite(_ results: String, of half: any ConvExecutor, _ x: FeatureMap) -> DalleError {
        var names: Set<String> = []
        do throws(DalleError) {
            try half.network.forEachTensor { name, _ in names.insert(name) }
        } catch {
            return error
        }
        return tensor.nonFinite(
            results, { names.contains($0) || $0.hasPrefix("quantize.") }
        ) { () throws(DalleError) in try half.faultyLayer(x) }
    }
}
