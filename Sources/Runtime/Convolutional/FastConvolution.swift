import DalleFormat
import DalleKernels
import DalleModels
import DalleThreads

/// A convolution on weights as they lie in the file.
struct FastConvolution: ConvolutionLayer {
    let settings: ConvNetwork.Convolution
    private let weights: WeightRows
    /// Of each output: int8 weights' scale, times a batch norm's factor.
    private let scales: [Float]?
    private let bias: [Float]

    init(
        _ tensors: ComponentTensors, _ settings: ConvNetwork.Convolution, allowsInt8Activations: Bool
    ) throws(DalleError) {
        self.settings = settings
        let name = "\(settings.name).weight"
        let rows = try tensors.rows(name)
        // Four bits are for what memory delivers; a convolution computes, and nobody stores one so unless told to.
        let usesFloats = rows.coding == .int4 || rows.coding == .int8 && !allowsInt8Activations
        weights = usesFloats ? WeightRows(try tensors(name)) : rows
        switch settings.epilogue {
        case .bias:
            scales = weights.rowScales
            bias = try tensors("\(settings.name).bias").array
        case .batchNorm(let epsilon):
            let norm = try BatchNorm(tensors, "\(settings.name).norm", epsilon: epsilon)
            scales = weights.rowScales.map { zip($0, norm.factor).map(*) } ?? norm.factor
            bias = norm.offset
        }
    }

    /// - Parameters:
    ///   - upsampling: 2 to take each pixel for 2 × 2 first.
    ///   - averagePooling: 2 to take the mean of 2 × 2 pixels for one first.
    func plan(height: Int, width: Int, upsampling: Int = 1, averagePooling: Int = 1) -> ConvolutionPlan {
        var geometry = ConvolutionPlan.Geometry(inputs: settings.inputs, outputs: settings.outputs)
        geometry.kernel = settings.kernel
        geometry.stride = settings.stride
        geometry.paddingBefore = settings.padding.before
        geometry.paddingAfter = settings.padding.after
        geometry.upsampling = upsampling
        geometry.averagePooling = averagePooling
        return ConvolutionPlan(weights.coding == .int8 ? .bytes : .floats, geometry, height: height, width: width)
    }

    /// y = the convolution of x, plus `residual`.
    ///
    /// - Parameters:
    ///   - residual: Lies like `y`, and may be it.
    ///   - relu: Whether ReLU follows.
    ///   - y: May lie where `x` lies.
    ///   - isFused: Whether products of floats need not be rounded.
    /// - Returns: The statistics of `y`.
    func run(
        _ plan: ConvolutionPlan, _ x: Pixels, _ input: ConvolutionInput, residual: Pixels? = nil,
        relu: Bool = false, into y: Pixels, isFused: Bool, _ workspace: ConvolutionWorkspace,
        _ context: ComputeContext
    ) -> ChannelStatistics {
        let kernels = context.kernels
        let output = Kernels.Epilogue(
            scales: scales, isFused: isFused, residual: residual, relu: relu)
        let packingCount = plan.packsWithTasks ? 0 : plan.packingCount
        context.pool.runAll(plan.preparationCount + packingCount) { [weights] part in
            if part < packingCount {
                kernels.pack(plan, part: part, weights, workspace)
            } else {
                kernels.prepare(plan, part: part - packingCount, x, input, workspace)
            }
        }
        context.pool.runAll(plan.taskCount) { [weights, bias] task in
            if plan.packsWithTasks {
                for part in plan.parts(ofTask: task) { kernels.pack(plan, part: part, weights, workspace) }
            }
            kernels.convolve(plan, task: task, input, bias: bias.span, output, into: y, workspace)
        }
        return ChannelStatistics(plan, workspace)
    }
}

extension ThreadPool {
    /// Calls `body` for each of many small parts; who is done takes the next.
    func runAll(_ parts: Int, _ body: @Sendable (Int) -> Void) {
        let length = (parts + Self.mostPieces - 1) / Self.mostPieces
        guard length > 1 else { return run(parts, body) }
        run((parts + length - 1) / length) { piece in
            for part in piece * length..<min((piece + 1) * length, parts) { body(part) }
        }
    }

    private static let mostPieces = 1 << 14
}
