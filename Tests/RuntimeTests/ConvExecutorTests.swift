import DalleFormat
import DalleKernels
import DalleModels
import Foundation
import TestSupport
import Testing

@testable import DalleRuntime

/// Both routes through networks that are nested otherwise than VQGAN's and CLIP's.
@Suite struct ConvExecutorTests {
    private struct Part: PartConfiguration {
        static let kind = Component.Kind("test")

        var network = ConvNetwork(inputs: 1)

        init(_ network: ConvNetwork) { self.network = network }
        init(_: MetadataMap) {}

        func forEachTensor(_ body: (String, Shape) throws(DalleError) -> Void) throws(DalleError) {
            try network.forEachTensor(body)
        }
    }

    private static func norm(_ network: inout ConvNetwork, _ name: String) {
        network.groupNorm(name, groups: 2, epsilon: 1e-6)
    }

    private static func attention(_ network: inout ConvNetwork, _ name: String) {
        network.attention(name, projections: ("q", "k", "v", "o"), groups: 2, epsilon: 1e-6)
    }

    /// Each appends to a network of six channels.
    private static let cases: [String: @Sendable (inout ConvNetwork) -> Void] = [
        "norm first, then upsampling": { network in
            norm(&network, "n")
            network.activation(.silu)
            network.upsampling()
            network.convolution("a", to: 6, kernel: 3)
        },
        "norm without activation, activations without norm": { network in
            network.convolution("a", to: 6, kernel: 3)
            norm(&network, "n")
            network.convolution("b", to: 6)
            network.activation(.silu)
            network.convolution("c", to: 8, kernel: 5)
            network.activation(.gelu)
            network.activation(.relu)
            network.convolution("d", to: 5)
        },
        "upsampling before the norm": { network in
            network.convolution("a", to: 6, kernel: 3)
            network.upsampling()
            norm(&network, "n")
            network.activation(.silu)
            network.convolution("b", to: 6, kernel: 3)
        },
        "ReLU before convolutions": { network in
            network.residual { body in
                body.activation(.relu)
                body.convolution("a", to: 4, kernel: 3)
                body.activation(.relu)
                body.convolution("b", to: 6)
            }
            network.residual { body in
                body.activation(.relu)
                body.convolution("c", to: 6, kernel: 3)
            }
        },
        "pooling and upsampling, again and again": { network in
            network.averagePooling()
            network.averagePooling()
            network.convolution("a", to: 6, kernel: 3)
            network.upsampling()
            network.upsampling()
            network.convolution("b", to: 6, kernel: 3)
            network.averagePooling()
            network.upsampling()
            network.convolution("c", to: 6, kernel: 3)
            network.upsampling()
            network.convolution("d", to: 6, kernel: 3, stride: 2)
            network.averagePooling()
        },
        "pooling before residuals": { network in
            network.activation(.relu)
            network.averagePooling()
            network.residual { $0.convolution("a", to: 6, kernel: 3) }
            network.averagePooling()
            network.residual { body in
                body.convolution("b", to: 6)
                body.activation(.relu)
                body.convolution("c", to: 9)
            } shortcut: {
                $0.convolution("d", to: 9)
            }
            network.activation(.relu)
        },
        "a norm shared by both branches": { network in
            network.convolution("a", to: 6, kernel: 3)
            norm(&network, "n")
            network.activation(.silu)
            network.residual {
                $0.convolution("b", to: 4, kernel: 3)
            } shortcut: {
                $0.convolution("c", to: 4)
            }
        },
        "residuals of few operations": { network in
            network.convolution("a", to: 6, kernel: 3)
            network.activation(.relu)
            network.residual { _ in }
            network.residual { $0.activation(.silu) }
            network.residual { $0.convolution("b", to: 6, kernel: 3) }
            network.residual { body in
                body.convolution("c", to: 6)
                body.activation(.relu)
            }
            network.residual { _ in
            } shortcut: {
                $0.convolution("d", to: 6)
            }
            network.residual {
                $0.convolution("e", to: 4)
            } shortcut: {
                $0.convolution("f", to: 4)
            }
            network.residual {
                $0.activation(.relu)
            } shortcut: {
                $0.activation(.silu)
            }
        },
        "residuals in residuals": { network in
            network.convolution("a", to: 6, kernel: 3)
            network.residual { body in
                body.residual { inner in
                    norm(&inner, "n")
                    inner.convolution("b", to: 6, kernel: 3)
                    inner.residual { $0.convolution("c", to: 6) }
                    inner.activation(.relu)
                    inner.convolution("d", to: 8, kernel: 3)
                } shortcut: {
                    $0.convolution("e", to: 8)
                }
                norm(&body, "m")
                body.activation(.silu)
                body.convolution("f", to: 4, kernel: 3)
            } shortcut: { shortcut in
                shortcut.activation(.relu)
                shortcut.residual { inner in
                    inner.convolution("g", to: 6, kernel: 3)
                    inner.convolution("h", to: 6, kernel: 3)
                }
                shortcut.convolution("i", to: 4)
            }
        },
        "attention everywhere": { network in
            attention(&network, "a")
            network.residual { body in
                attention(&body, "b")
                body.convolution("c", to: 6, kernel: 3)
                body.activation(.relu)
                attention(&body, "d")
            } shortcut: {
                attention(&$0, "e")
            }
            network.averagePooling()
            attention(&network, "f")
            norm(&network, "n")
        },
        "batch norms and odd steps": { network in
            network.convolution("a", to: 7, kernel: 3, stride: 2, epilogue: .batchNorm(epsilon: 1e-5))
            network.activation(.relu)
            network.convolution("b", to: 6, kernel: 3, stride: 2, padding: .init(before: 0, after: 1))
            network.residual { body in
                body.convolution("c", to: 6, epilogue: .batchNorm(epsilon: 1e-3))
                body.activation(.relu)
                body.convolution("d", to: 6, kernel: 2, stride: 2, padding: .init(before: 0, after: 0))
            } shortcut: {
                $0.averagePooling()
            }
            network.activation(.relu)
            network.convolution("e", to: 6, kernel: 2, padding: .init(before: 0, after: 1))
        },
    ]

    /// The network with weights of chance.
    private static func tensors(
        _ network: ConvNetwork, _ context: ComputeContext, in directory: TemporaryDirectory, hugeBiases: [String] = []
    ) throws -> ComponentTensors {
        var generator = SeededGenerator(seed: 7)
        let path = directory.path("\(context.route).dalle")
        let writer = try ModelFileWriter(path, replacing: true, threads: 1)
        for tensor in try Part(network).tensors() {
            let scale = 1 / Float(max(tensor.shape.count / tensor.shape[0], 4)).squareRoot()
            var values = (0..<tensor.shape.count).map { _ in generator.normal() * scale }
            if tensor.name.hasSuffix("variance") { values = values.map { abs($0) + 0.5 } }
            if hugeBiases.contains(tensor.name) { values = values.map { _ in .greatestFiniteMagnitude } }
            try writer.add("part.\(tensor.name)", MemorySource(values, tensor.shape), compression: .none)
        }
        let part = Component(name: "part", kind: .vqgan, configuration: MetadataMap())
        try writer.finish(metadata: MetadataMap(), components: [part])
        return try ComponentTensors(ModelFile(path), part, Part(network), context)
    }

    private static func image(height: Int, width: Int) -> FeatureMap {
        var generator = SeededGenerator(seed: 11)
        return FeatureMap(
            height: height, width: width,
            pixels: Matrix(
                rows: height * width, columns: 6, values: (0..<height * width * 6).map { _ in generator.normal() }))
    }

    @Test(arguments: cases.keys.sorted()) func routesAgree(_ name: String) throws {
        let directory = try TemporaryDirectory()
        var network = ConvNetwork(inputs: 6)
        let build = try #require(Self.cases[name])
        build(&network)
        let contexts =
            [ComputeContext(.reference)] + Kernels.levels.map { ComputeContext(.fast, kernels: $0, threads: 2) }
        let executors = try contexts.map { try Self.tensors(network, $0, in: directory).executor(network) }
        // The second is large enough for Winograd's algorithm; the third is done in the second's memory.
        for (height, width) in [(9, 14), (32, 28), (32, 28)] {
            let x = Self.image(height: height, width: width)
            var results: [(map: FeatureMap, layers: Set<String>)] = []
            for executor in executors {
                var layers: Set<String> = []
                let map = try executor.run(x) { layer, isFinite in
                    layers.insert(layer)
                    if !isFinite() { Issue.record("\(layer)") }
                }
                results.append((map, layers))
            }
            let expected = results[0]
            let size = network.forEachConvolution(height: height, width: width) { _, _, _ in }
            #expect(
                size
                    == FeatureMapSize(height: expected.map.height, width: expected.map.width, channels: network.outputs)
            )
            let largest = expected.map.pixels.values.map(abs).max() ?? 0
            #expect(largest > 0.1)
            for (context, found) in zip(contexts, results).dropFirst() {
                #expect(found.map.height == expected.map.height && found.map.channels == expected.map.channels)
                #expect(found.layers == expected.layers)
                let worst = zip(found.map.pixels.values, expected.map.pixels.values).reduce(0) {
                    max($0, abs($1.0 - $1.1))
                }
                #expect(worst < 2e-5 * largest, "\(context.kernels.name), \(height) × \(width): \(worst) of \(largest)")
            }
        }
    }

    /// What makes infinities is named by its convolution, on both routes the same: also where only the sum of a residual's
    /// branches is too large.
    @Test(arguments: [["b"], ["e"], ["g"], ["f", "i"]]) func faultsAreNamedAlike(_ layers: [String]) throws {
        let directory = try TemporaryDirectory()
        var network = ConvNetwork(inputs: 6)
        let build = try #require(Self.cases["residuals in residuals"])
        build(&network)
        let x = Self.image(height: 8, width: 8)
        let names = try [ComputeContext.Route.reference, .fast].map { route in
            let tensors = try Self.tensors(
                network, ComputeContext(route), in: directory, hugeBiases: layers.map { "\($0).bias" })
            return try tensors.executor(network).faultyLayer(x)
        }
        #expect(names[0] != nil && names[0] == names[1], "\(names)")
        if layers.count == 2 { #expect(names[0] == "f") }
    }
}
