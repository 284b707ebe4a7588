import DalleFormat
import DalleModels

/// A VQGAN's tensors.
struct VQGANWeights: Sendable {
    let configuration: VQGANConfiguration
    let tensor: ComponentTensors

    init(_ file: ModelFile, _ context: ComputeContext) throws(DalleError) {
        (configuration, tensor) = try ComponentTensors.load(file, .codec, context)
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
