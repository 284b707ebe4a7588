import DalleFormat
import DalleKernels
import DalleThreads

/// A convolution on weights as they lie in the file.
struct FastConvolution: ConvolutionLayer {
    /// What its tensors' names begin with.
    let name: String
    let weights: WeightRows
    /// Of each output: whole numbers' scale, times a batch norm's factor.
    private let scales: [Float]?
    private let bias: [Float]
    let kernel: Int
    let placement: Convolution.Placement

    init(_ tensors: ComponentTensors, _ name: String, _ placement: Convolution.Placement) throws(DalleError) {
        self.name = name
        kernel = try tensors.shape("\(name).weight")[1]
        self.placement = placement
        let rows = try tensors.rows("\(name).weight")
        weights =
            Self.computesInFloats(rows.coding, name) ? WeightRows(try tensors("\(name).weight")) : rows
        let norm = try BatchNorm(tensors, "\(name).norm")
        if let norm {
            scales = weights.rowScales.map { zip($0, norm.factor).map(*) } ?? norm.factor
            bias = norm.offset
        } else {
            scales = weights.rowScales
            bias = try tensors("\(name).bias").array
        }
    }

    /// Four bits are for what memory delivers; a convolution computes, and nobody stores one so unless told to. And what
    /// makes codes of pictures would move vectors from one code to the next if pixels became bytes.
    private static func computesInFloats(_ coding: WeightRows.Coding, _ name: String) -> Bool {
        coding == .int4 || coding == .int8 && (name.hasPrefix("encoder.") || name.hasPrefix("quant_conv"))
    }

    var outputs: Int { weights.rows }
    var inputs: Int { weights.columns / (kernel * kernel) }

    /// - Parameters:
    ///   - enlargement: 2 to double the resolution first.
    ///   - reduction: 2 to halve it first, to the mean of each square of four.
    func plan(height: Int, width: Int, enlargement: Int = 1, reduction: Int = 1) -> ConvolutionPlan {
        var geometry = ConvolutionPlan.Geometry(inputs: inputs, outputs: outputs)
        geometry.kernel = kernel
        geometry.step = placement.stride
        geometry.before = placement.before ?? kernel / 2
        geometry.after = placement.after ?? kernel / 2
        geometry.enlargement = enlargement
        geometry.reduction = reduction
        return ConvolutionPlan(weights.coding == .int8 ? .bytes : .floats, geometry, height: height, width: width)
    }

    /// y = the convolution of x, plus `residual`.
    ///
    /// - Parameters:
    ///   - residual: Lies like `y`, and may be it.
    ///   - isRectified: Whether ReLU follows.
    ///   - y: May lie where `x` lies.
    ///   - isFused: Whether products of floats need not be rounded.
    /// - Returns: What is now known about `y`.
    func run(
        _ plan: ConvolutionPlan, _ x: Pixels, _ input: ConvolutionInput, residual: Pixels? = nil,
        isRectified: Bool = false, into y: Pixels, isFused: Bool, _ workspace: ConvolutionWorkspace,
        _ context: ComputeContext
    ) -> ChannelStatistics {
        let kernels = context.kernels
        let output = Kernels.ConvolutionOutput(
            scales: scales, isFused: isFused, residual: residual, isRectified: isRectified)
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
