import DalleFormat
import DalleKernels
import TestSupport
import Testing

@testable import DalleModels
@testable import DalleRuntime

/// Stacks that no model has: each option of the description, on both routes.
@Suite struct TransformerTests {
    private typealias Stack = TransformerStack

    private struct Configuration: PartConfiguration {
        static let kind = Component.Kind("test")

        let stack: TransformerStack

        init(_ stack: TransformerStack) { self.stack = stack }
        init(_: MetadataMap) throws(DalleError) { throw DalleError(.fault, "is not read from a file") }

        func forEachTensor(_ body: (String, Shape) throws(DalleError) -> Void) throws(DalleError) {
            try stack.forEachTensor { tensor throws(DalleError) in try body(tensor.name, tensor.shape) }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout TransformerStack) -> Void
    }

    private static let norm = Stack.Norm()
    private static let length = 6

    /// Two layers of pre norms and nothing else.
    private static var plain: Stack {
        let layer = Stack.Layer(
            selfAttention: Stack.Attention(
                norms: Stack.Norms(pre: norm), hasBias: false, isCausal: false, keyLength: length),
            feedForward: Stack.FeedForward(
                norms: Stack.Norms(pre: norm), hasBias: false, width: 40, activation: .gelu))
        return Stack(name: "stack", width: 24, heads: 2, length: length, layers: [layer, layer])
    }

    private static func everyLayer(
        _ name: String, _ change: @escaping @Sendable (inout TransformerStack.Layer) -> Void
    ) -> Case {
        Case(testDescription: name) { stack in for number in stack.layers.indices { change(&stack.layers[number]) } }
    }

    static let cases: [Case] =
        [
            Case(testDescription: "plain") { _ in },
            Case(testDescription: "final norm") { $0.finalNorm = Stack.Norm(kind: .rmsNorm, hasBias: false) },
            Case(testDescription: "epsilon") { $0.finalNorm = Stack.Norm(epsilon: 0.5) },
            Case(testDescription: "residual scale") { $0.residualScale = 1.5 },
            everyLayer("biases") {
                $0.selfAttention.hasBias = true
                $0.feedForward.hasBias = true
            },
            everyLayer("gated") { $0.feedForward.isGated = true },
            everyLayer("causal") { $0.selfAttention.isCausal = true },
            everyLayer("cosine") { $0.selfAttention.cosineTau = 0.07 },
            everyLayer("head scale") { $0.selfAttention.hasHeadScale = true },
            everyLayer("position bias") { $0.selfAttention.hasPositionBias = true },
            everyLayer("no norms") {
                $0.selfAttention.norms = Stack.Norms()
                $0.feedForward.norms = Stack.Norms()
            },
            everyLayer("all norms") {
                let scale = Stack.Norm(kind: .rmsNorm, hasBias: false),
                    bias = Stack.Norm(hasScale: false)
                $0.selfAttention.norms = Stack.Norms(pre: scale, inner: bias, post: norm, residual: scale)
                $0.feedForward.norms = Stack.Norms(pre: bias, inner: norm, post: scale, residual: norm)
            },
            Case(testDescription: "layers unlike each other") {
                $0.layers[1].selfAttention.norms = Stack.Norms(post: norm)
                $0.layers[1].feedForward.isGated = true
                $0.layers[0].feedForward.width = 72
            },
        ]
        + Activation.allCases.map { activation in
            everyLayer("\(activation)") { $0.feedForward.activation = activation }
        }

    /// A model file of random weights for a stack.
    private final class Model {
        let directory: TemporaryDirectory
        let file: ModelFile
        let stack: TransformerStack

        init(_ stack: TransformerStack) throws {
            self.stack = stack
            directory = try TemporaryDirectory()
            var generator = SeededGenerator(seed: 11)
            let writer = try ModelFileWriter(directory.path("model"), replacing: false, threads: 1)
            try stack.forEachTensor { tensor throws(DalleError) in
                let isScale = tensor.name.hasSuffix("scale")
                let floats = (0..<tensor.shape.count).map { _ in
                    isScale ? 1 + 0.2 * generator.normal() : 0.3 * generator.normal()
                }
                try writer.add("test.\(tensor.name)", MemorySource(floats, tensor.shape), compression: .none)
            }
            try writer.finish(metadata: MetadataMap(), components: [Self.component])
            file = try ModelFile(directory.path("model"))
        }

        private static let component = Component(name: "test", kind: .dalleBart, configuration: MetadataMap())

        func executor<Executor: TransformerExecutor>(
            _: Executor.Type, _ context: ComputeContext, sequences: Int, rows: Int, isIncremental: Bool
        ) throws -> Executor {
            let tensors = try ComponentTensors(file, Self.component, Configuration(stack), context)
            return try Executor(
                try Transformer(tensors, stack), context,
                TransformerCapacity(
                    sequences: sequences, length: stack.length, rows: rows, isIncremental: isIncremental))
        }
    }

    private static func states(_ rows: Int, _ width: Int, seed: UInt64) -> Matrix {
        var generator = SeededGenerator(seed: seed)
        return Matrix(rows: rows, columns: width, values: (0..<rows * width).map { _ in generator.normal() })
    }

    private static func largestDifference(_ a: Matrix, _ b: Matrix) -> Float {
        zip(a.values, b.values).map { abs($0 - $1) }.max() ?? .infinity
    }

    /// Two sequences of unlike length, whole in a pass.
    private static func whole<Executor: TransformerExecutor>(
        _ model: Model, _ type: Executor.Type, _ context: ComputeContext
    ) throws -> Matrix {
        let lengths = [length, 4]
        let isCausal = model.stack.layers[0].selfAttention.isCausal
        let entries = lengths.enumerated().flatMap { sequence, count in
            (0..<count).map {
                TransformerEntry(sequence: sequence, position: $0, visible: isCausal ? $0 + 1 : count)
            }
        }
        let executor = try model.executor(
            type, context, sequences: 2, rows: entries.count, isIncremental: false)
        try executor.begin(states(entries.count, model.stack.width, seed: 3))
        var done: [Int] = []
        try executor.run(entries) { done.append($0) }
        #expect(done == Array(model.stack.layers.indices))
        #expect(executor.isFinite(0..<entries.count))
        return try executor.normalized(0..<entries.count)
    }

    @Test(arguments: cases) func routesAgree(_ test: Case) throws {
        var stack = Self.plain
        test.change(&stack)
        let model = try Model(stack)
        let expected = try Self.whole(model, PlainTransformer.self, ComputeContext(.reference, reference: .scalar))
        for kernels in Kernels.levels {
            let found = try Self.whole(model, FastTransformer.self, ComputeContext(kernels: kernels, threads: 2))
            let difference = Self.largestDifference(expected, found)
            #expect(difference < 2e-4, "\(kernels.name): \(difference)")
        }
        // The option does something: `plain` alone is like itself.
        if test.testDescription != "plain", test.testDescription != "gelu", stack.width == Self.plain.width {
            let other = try Self.whole(
                try Model(Self.plain), PlainTransformer.self, ComputeContext(.reference, reference: .scalar))
            #expect(Self.largestDifference(expected, other) > 1e-3)
        }
    }

    /// Entries of three sequences in passes of any company: one by one, or several positions at a time.
    private static func incremental<Executor: TransformerExecutor>(
        _ model: Model, _ type: Executor.Type, _ context: ComputeContext, passes: [[(sequence: Int, positions: [Int])]]
    ) throws -> [[Int: ArraySlice<Float>]] {
        let executor = try model.executor(type, context, sequences: 3, rows: 3, isIncremental: true)
        let inputs = (0..<3).map { states(length, model.stack.width, seed: UInt64($0)) }
        let memories = [2, 5, 1].enumerated().map { ($0, states($1, model.stack.width, seed: UInt64(20 + $0))) }
        if model.stack.layers[0].crossAttention != nil {
            try executor.remember(memories.map { (number: $0.0, states: $0.1) })
        }
        var found = [[Int: ArraySlice<Float>]](repeating: [:], count: 3)
        for pass in passes {
            var entries: [TransformerEntry] = []
            var rows: [Float] = []
            for (sequence, positions) in pass {
                for position in positions {
                    entries.append(
                        TransformerEntry(
                            sequence: sequence, position: position, visible: position + 1, memory: sequence,
                            memoryLength: memories[sequence].1.rows))
                    rows += inputs[sequence].row(position)
                }
            }
            try executor.begin(Matrix(rows: entries.count, columns: model.stack.width, values: rows))
            try executor.run(entries) { _ in }
            let result = try executor.normalized(0..<entries.count)
            for (row, entry) in entries.enumerated() { found[entry.sequence][entry.position] = result.row(row) }
        }
        return found
    }

    @Test(arguments: [false, true]) func companyAndPrefillChangeNothing(_ hasCross: Bool) throws {
        var stack = Self.plain
        for number in stack.layers.indices {
            stack.layers[number].selfAttention.isCausal = true
            stack.layers[number].selfAttention.hasPositionBias = true
            guard hasCross else { continue }
            stack.layers[number].crossAttention = Stack.Attention(
                norms: Stack.Norms(pre: Self.norm), hasBias: true, isCausal: false, keyLength: 5, hasHeadScale: true,
                hasPositionBias: true)
        }
        stack.finalNorm = Self.norm
        let model = try Model(stack)
        let alone = (0..<3).flatMap { sequence in (0..<Self.length).map { [(sequence, [$0])] } }
        let mixed: [[(sequence: Int, positions: [Int])]] = [
            [(1, [0, 1, 2])], [(2, [0]), (0, [0, 1])], [(0, [2, 3, 4]), (1, [3]), (2, [1, 2])], [(2, [3]), (0, [5])],
            [(2, [4, 5]), (1, [4, 5])],
        ]
        for kernels in Kernels.levels {
            let context = ComputeContext(.fast, kernels: kernels, threads: 2)
            let expected = try Self.incremental(model, FastTransformer.self, context, passes: alone)
            let found = try Self.incremental(model, FastTransformer.self, context, passes: mixed)
            #expect(expected.allSatisfy { $0.count == Self.length } && found == expected, "\(kernels.name)")
        }
        let context = ComputeContext(.reference, reference: .scalar)
        let plain = try Self.incremental(model, PlainTransformer.self, context, passes: alone)
        let mixedPlain = try Self.incremental(model, PlainTransformer.self, context, passes: mixed)
        let fast = try Self.incremental(model, FastTransformer.self, ComputeContext(threads: 1), passes: mixed)
        for sequence in 0..<3 {
            for position in 0..<Self.length {
                let expected = try #require(plain[sequence][position])
                for other in [mixedPlain, fast] {
                    let found = try #require(other[sequence][position])
                    #expect(zip(expected, found).allSatisfy { abs($0 - $1) < 2e-4 }, "\(sequence), \(position)")
                }
            }
        }
    }
}
