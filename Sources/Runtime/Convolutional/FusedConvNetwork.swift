import DalleFormat
import DalleKernels
import DalleModels
import DalleThreads

/// A network on the fast route: weights as they lie in the file, operations fused.
final class FusedConvNetwork: ConvExecutor {
    let network: ConvNetwork
    private let operations: [FusedPlan.Operation]
    private let context: ComputeContext
    /// That of the last image, for the next one if it has its size.
    private let kept = Monitor<FeatureMapWorkspace?>(nil)

    init(_ network: ConvNetwork, _ operations: [FusedPlan.Operation], _ context: ComputeContext) {
        self.network = network
        self.operations = operations
        self.context = context
    }

    func run(_ x: FeatureMap, layerIsDone: (String, () -> Bool) -> Void) throws(DalleError) -> FeatureMap {
        let size = FeatureMapSize(height: x.height, width: x.width, channels: x.channels)
        let workspace =
            if let kept = take(size) { kept } else {
                try FeatureMapWorkspace(
                    FusedPlan(operations, size, flattens: !network.hasGroupNorms), threads: context.pool.threads)
            }
        workspace.input.withNumbers { _ = $0.update(fromContentsOf: x.pixels.values) }
        workspace.run(context, layerIsDone: layerIsDone)
        let output = workspace.output
        // Some more than once, on the way to a picture of bytes.
        try SystemMemory.requireFloats(2 * output.count * output.channels, for: "a picture")
        let result = output.featureMap
        kept.withLock { $0 = workspace }
        return result
    }

    private func take(_ size: FeatureMapSize) -> FeatureMapWorkspace? {
        kept.withLock { kept in
            defer { kept = nil }
            return kept?.plan.input.size == size ? kept : nil
        }
    }
}
