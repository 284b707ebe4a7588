import DalleFormat
import DalleKernels

/// What a VQGAN or a residual network does to images of one size, step by step.
///
/// It takes two images: the one that residual connections carry, and one that comes and goes within a block. A
/// convolution's input is prepared before its output is written, so one may take the other's place.
struct FastImagePlan: Sendable {
    enum Place: Sendable { case image, hidden }

    enum Step: Sendable {
        case convolution(ConvolutionStep)
        case attention(FastAttention)
    }

    struct ConvolutionStep: Sendable {
        let layer: FastConvolution
        let plan: ConvolutionPlan
        /// Before it, together with swish.
        var norm: GroupNorm?
        /// Whether ReLU came before it, and comes after it.
        var isPositive = false
        var isRectified = false
        var from = Place.image
        var to = Place.image
        var addsImage = false
    }

    private(set) var steps: [Step] = []
    /// Of what goes in.
    let size: (height: Int, width: Int, channels: Int)
    // The image as it is after the steps so far.
    private(set) var height: Int
    private(set) var width: Int
    private(set) var channels: Int
    /// Numbers that there must be room for.
    private(set) var imageCount: Int
    private(set) var hiddenCount = 1

    init(height: Int, width: Int, channels: Int) {
        size = (height, width, channels)
        self.height = height
        self.width = width
        self.channels = channels
        imageCount = height * width * channels
    }

    /// A convolution of the image alone.
    mutating func append(_ layer: FastConvolution, norm: GroupNorm? = nil, enlargement: Int = 1) {
        let plan = layer.plan(height: height, width: width, enlargement: enlargement)
        append(ConvolutionStep(layer: layer, plan: plan, norm: norm))
        (height, width) = (plan.outputHeight, plan.outputWidth)
    }

    mutating func append(_ stages: [VQGANStage<FastConvolution>]) {
        for stage in stages {
            switch stage {
            case .residual(let block): append(block)
            case .attention(let layers):
                let attention = FastAttention(layers, height: height, width: width)
                hiddenCount = max(hiddenCount, attention.hiddenCount)
                steps.append(.attention(attention))
            }
        }
    }

    /// A convolution, and ReLU.
    mutating func append(rectified layer: FastConvolution) {
        let plan = layer.plan(height: height, width: width)
        append(ConvolutionStep(layer: layer, plan: plan, isPositive: !steps.isEmpty, isRectified: true))
        (height, width) = (plan.outputHeight, plan.outputWidth)
    }

    /// A block of an image that has gone through ReLU.
    mutating func append(_ block: CLIPResidualBlock<FastConvolution>) {
        func step(_ layer: FastConvolution, reduction: Int = 1) -> ConvolutionStep {
            // Kernels of one pixel see an image as one row, if none of its squares are pixels.
            let plan =
                layer.kernel == 1 && reduction == 1
                ? layer.plan(height: 1, width: height * width)
                : layer.plan(height: height, width: width, reduction: reduction)
            return ConvolutionStep(layer: layer, plan: plan, isPositive: true, isRectified: true)
        }
        let (outer, inner) = (block.halving == .before ? 2 : 1, block.halving == .within ? 2 : 1)
        var reduce = step(block.reduce, reduction: outer)
        reduce.to = .hidden
        append(reduce)
        if let layer = block.shortcut {
            var shortcut = step(layer, reduction: outer * inner)
            shortcut.isRectified = false
            append(shortcut)
        }
        (height, width) = (height / outer, width / outer)
        var spatial = step(block.spatial)
        (spatial.from, spatial.to) = (.hidden, .hidden)
        append(spatial)
        var expand = step(block.expand, reduction: inner)
        expand.from = .hidden
        expand.addsImage = true
        append(expand)
        (height, width) = (height / inner, width / inner)
    }

    private mutating func append(_ block: ResidualBlock<FastConvolution>) {
        func step(_ layer: FastConvolution, _ norm: GroupNorm?) -> ConvolutionStep {
            ConvolutionStep(layer: layer, plan: layer.plan(height: height, width: width), norm: norm)
        }
        var first = step(block.convolution1, block.norm1)
        first.to = .hidden
        append(first)
        if let shortcut = block.shortcut { append(step(shortcut, nil)) }
        var second = step(block.convolution2, block.norm2)
        second.from = .hidden
        second.addsImage = true
        append(second)
    }

    private mutating func append(_ step: ConvolutionStep) {
        let count = step.plan.outputHeight * step.plan.outputWidth * step.layer.outputs
        switch step.to {
        case .image:
            imageCount = max(imageCount, count)
            channels = step.layer.outputs
        case .hidden: hiddenCount = max(hiddenCount, count)
        }
        steps.append(.convolution(step))
    }

    /// Whether products of floats need not be rounded: a picture of whole numbers is the same on every machine, its few
    /// floats too.
    var isFused: Bool { !convolutions.contains { $0.numbers == .bytes } }

    var convolutions: [ConvolutionPlan] {
        steps.flatMap { step in
            switch step {
            case .convolution(let step): [step.plan]
            case .attention(let attention): attention.plans
            }
        }
    }
}
