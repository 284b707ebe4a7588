import DalleFormat
import DalleKernels
import DalleModels

/// What a network does to images of one size, in as few steps as the kernels can.
///
/// A convolution takes in the norm with its activation, the upsampling or the pooling that comes before it, and ReLU after
/// it; the last one of a residual's body adds the shortcut. What fits none of them is a step of its own.
///
/// Feature maps lie in slots: what the network gives in slot 0, and what comes and goes within a residual in the slot after
/// its input's. A convolution's input is copied before its output is written, so one may take the other's place.
struct FusedPlan: Sendable {
    typealias Operation = ConvOperation<FastConvolution, GroupNorm>
    typealias Transform = FeatureTransform<GroupNorm>

    /// A feature map and the slot in which it lies.
    struct Buffer: Sendable {
        var slot: Int
        var size: FeatureMapSize
    }

    enum Step: Sendable {
        case convolution(ConvolutionStep)
        /// In its place, with the slot `scratch` for what it needs.
        case attention(FastSpatialAttention, Buffer, scratch: Int)
        /// Without transforms a copy.
        case transform([Transform], from: Buffer, to: Buffer)
        /// The second one becomes the sum of both.
        case add(Buffer, to: Buffer)
    }

    struct ConvolutionStep: Sendable {
        let layer: FastConvolution
        let plan: ConvolutionPlan
        let input: FusedInput
        /// Whether no number of the source is below zero.
        let isPositive: Bool
        let source: Buffer
        fileprivate(set) var target: Buffer
        /// Whether what lies in the target is added, and whether ReLU comes last.
        fileprivate(set) var addsTarget = false
        fileprivate(set) var relu = false
    }

    private(set) var steps: [Step] = []
    let input: Buffer
    private(set) var output: Buffer
    /// Numbers that each slot must have room for.
    private(set) var slotCounts: [Int]
    private let flattens: Bool

    /// - Parameter flattens: Whether kernels of one pixel see an image as one row, which is fastest; but then the statistics
    ///   for a norm are summed up in another order.
    init(_ operations: [Operation], _ size: FeatureMapSize, flattens: Bool) {
        input = Buffer(slot: 0, size: size)
        output = input
        slotCounts = [size.count]
        self.flattens = flattens
        var image = State(buffer: input)
        append(operations, &image, to: 0, free: 1)
        output = image.buffer
    }

    /// Whether products of floats need not be rounded: a picture of int8 products is the same on every machine, its few
    /// floats too.
    var isFused: Bool { !convolutions.contains { $0.numbers == .bytes } }

    var convolutions: [ConvolutionPlan] {
        steps.flatMap { step -> [ConvolutionPlan] in
            switch step {
            case .convolution(let step): [step.plan]
            case .attention(let attention, _, _): attention.plans
            case .transform, .add: []
            }
        }
    }
}

/// What a convolution's kernels do to their input on the way.
struct FusedInput: Sendable {
    private(set) var norm: GroupNorm?
    private(set) var swish = false
    private(set) var upsampling = 1
    private(set) var averagePooling = 1

    /// Nothing.
    init() {}

    /// - Returns: nil when the kernels do not do that.
    init?(_ transforms: ArraySlice<FusedPlan.Transform>, before layer: ConvNetwork.Convolution) {
        var rest = transforms
        if case .averagePooling = rest.first {
            averagePooling = 2
            rest.removeFirst()
        } else {
            if case .groupNorm(let first) = rest.first {
                norm = first
                rest.removeFirst()
                if case .activation(.silu) = rest.first {
                    swish = true
                    rest.removeFirst()
                }
            }
            if case .upsampling = rest.first, layer.stride == 1 {
                upsampling = 2
                rest.removeFirst()
            }
        }
        guard rest.isEmpty else { return nil }
    }

    var keepsSize: Bool { upsampling == 1 && averagePooling == 1 }
}

extension FusedPlan {
    /// The feature map as it is after the steps so far.
    private struct State {
        var buffer: Buffer
        /// Whether no number is below zero.
        var isPositive = false
    }

    /// - Parameters:
    ///   - slot: Where the operations leave their results; if the image lies in another one, they leave that as it is.
    ///   - free: The first of the slots that are not in use.
    private mutating func append(_ operations: [Operation], _ image: inout State, to slot: Int, free: Int) {
        var pending: [Transform] = []
        for operation in operations {
            switch operation {
            case .convolution(let layer): append(layer, &pending, &image, to: slot)
            case .transform(let transform):
                if case .activation(.relu) = transform, pending.isEmpty, image.buffer.slot == slot, addReLU(to: slot) {
                    image.isPositive = true
                } else {
                    pending.append(transform)
                }
            case .attention(let layers):
                settle(&pending, &image, in: slot)
                let size = image.buffer.size
                let attention = FastSpatialAttention(layers, height: size.height, width: size.width)
                reserve(attention.scratchCount, free)
                steps.append(.attention(attention, image.buffer, scratch: free))
                image.isPositive = false
            case .residual(var body, var shortcut):
                if !shortcut.isEmpty {
                    // Both branches can take it in.
                    body = pending.map { .transform($0) } + body
                    shortcut = pending.map { .transform($0) } + shortcut
                    pending = []
                }
                settle(&pending, &image, in: slot)
                append(body, shortcut, &image, free: free)
            }
        }
        settle(&pending, &image, in: slot)
    }

    /// body(x) + shortcut(x), in the place of x.
    private mutating func append(_ body: [Operation], _ shortcut: [Operation], _ image: inout State, free: Int) {
        let start = steps.count
        var (long, short) = (image, image)
        append(body, &long, to: free, free: free + 1)
        let end = steps.count
        if !shortcut.isEmpty {
            append(shortcut, &short, to: image.buffer.slot, free: free + 1)
            // The body's first step is the one that reads x; then the shortcut may take its place.
            let moved = steps[end...]
            steps.removeSubrange(end...)
            steps.insert(contentsOf: moved, at: start + 1)
        }
        image = State(buffer: Buffer(slot: image.buffer.slot, size: long.buffer.size))
        if case .convolution(var last) = steps.last, !last.relu, !last.addsTarget, end - start > 1 || shortcut.isEmpty {
            last.target = image.buffer
            last.addsTarget = true
            steps[steps.count - 1] = .convolution(last)
        } else {
            steps.append(.add(long.buffer, to: image.buffer))
        }
        reserve(image.buffer.size.count, image.buffer.slot)
    }

    private mutating func append(
        _ layer: FastConvolution, _ pending: inout [Transform], _ image: inout State, to slot: Int
    ) {
        var input = FusedInput()
        for start in 0...pending.count {
            guard let taken = FusedInput(pending[start...], before: layer.settings) else { continue }
            input = taken
            var others = Array(pending[..<start])
            if !others.isEmpty { settle(&others, &image, in: slot) }
            pending.removeFirst(start)
            break
        }
        let source = image.buffer
        let size = pending.reduce(source.size) { $1.size(after: $0) }
        pending = []
        let target = FeatureMapSize(
            height: layer.settings.places(size.height), width: layer.settings.places(size.width),
            channels: layer.settings.outputs)
        let plan =
            flattens && layer.settings.isPointwise && input.keepsSize
            ? layer.plan(height: 1, width: size.pixels)
            : layer.plan(
                height: source.size.height, width: source.size.width, upsampling: input.upsampling,
                averagePooling: input.averagePooling)
        let step = ConvolutionStep(
            layer: layer, plan: plan, input: input, isPositive: image.isPositive && input.norm == nil, source: source,
            target: Buffer(slot: slot, size: target))
        reserve(target.count, slot)
        steps.append(.convolution(step))
        image = State(buffer: step.target)
    }

    /// ReLU as the end of the last step, if that is a convolution that ends in the slot.
    private mutating func addReLU(to slot: Int) -> Bool {
        guard case .convolution(var last) = steps.last, last.target.slot == slot else { return false }
        last.relu = true
        steps[steps.count - 1] = .convolution(last)
        return true
    }

    /// Does what is pending as a step of its own; the image then lies in the slot.
    private mutating func settle(_ pending: inout [Transform], _ image: inout State, in slot: Int) {
        guard !pending.isEmpty || image.buffer.slot != slot else { return }
        let source = image.buffer
        image.buffer = Buffer(slot: slot, size: pending.reduce(source.size) { $1.size(after: $0) })
        image.isPositive = pending.reduce(image.isPositive) { isPositive, transform in
            switch transform {
            case .activation(.relu): true
            case .upsampling, .averagePooling: isPositive
            case .groupNorm, .activation: false
            }
        }
        reserve(image.buffer.size.count, slot)
        steps.append(.transform(pending, from: source, to: image.buffer))
        pending = []
    }

    private mutating func reserve(_ count: Int, _ slot: Int) {
        while slotCounts.count <= slot { slotCounts.append(1) }
        slotCounts[slot] = max(slotCounts[slot], count)
    }
}
