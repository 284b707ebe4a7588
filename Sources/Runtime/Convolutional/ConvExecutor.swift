import DalleFormat
import DalleModels

/// A convolutional network with its weights, on one of the two routes.
protocol ConvExecutor: Sendable {
    var network: ConvNetwork { get }

    /// - Parameters:
    ///   - x: `[height, width, inputs]`.
    ///   - layerIsDone: called with the name of a convolution that has been done, and a way to know whether the feature map,
    ///     with what else was done to it until then, is all of finite numbers.
    /// - Returns: `[height, width, outputs]`, its size being what the network says.
    /// - Throws: `noMemory`.
    func run(_ x: FeatureMap, layerIsDone: (String, () -> Bool) -> Void) throws(DalleError) -> FeatureMap
}

extension ConvExecutor {
    func callAsFunction(_ x: FeatureMap) throws(DalleError) -> FeatureMap { try run(x) { _, _ in } }

    /// Does it once more: the convolution after which there are first infinities or no numbers; nil when there are none.
    func faultyLayer(_ x: FeatureMap) throws(DalleError) -> String? {
        var faulty: String?
        _ = try run(x) { layer, isFinite in
            if faulty == nil, !isFinite() { faulty = layer }
        }
        return faulty
    }
}

/// A convolution with its weights.
protocol ConvolutionLayer: Sendable {
    /// - Parameter allowsInt8Activations: as of `ConvNetwork`.
    init(
        _ tensors: ComponentTensors, _ settings: ConvNetwork.Convolution, allowsInt8Activations: Bool
    ) throws(DalleError)
}

extension ComponentTensors {
    /// Loads a network of the component for the context's route.
    func executor(_ network: ConvNetwork) throws(DalleError) -> any ConvExecutor {
        switch context.route {
        case .reference: PlainConvNetwork(network, try load(network), context)
        case .fast: FusedConvNetwork(network, try load(network), context)
        }
    }

    private func load<Layer: ConvolutionLayer>(
        _ network: ConvNetwork
    ) throws(DalleError) -> [ConvOperation<Layer, GroupNorm>] {
        try network.operations.map { settings throws(DalleError) in
            try Layer(self, settings, allowsInt8Activations: network.allowsInt8Activations)
        } norm: { norm throws(DalleError) in
            GroupNorm(
                groups: norm.groups, epsilon: norm.epsilon, scale: try self("\(norm.name).weight"),
                bias: try self("\(norm.name).bias"))
        }
    }
}
