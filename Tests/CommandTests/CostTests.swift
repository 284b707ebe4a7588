import DalleModels
import Foundation
import TestSupport
import Testing

@testable import DalleFormat

/// What a file costs is held to the bytes it has, whatever it says of itself.
@Suite(.serialized) struct CostTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func run(_ command: String...) throws -> LimitedCommand {
        try LimitedCommand(command[0], Array(command.dropFirst()), in: directory.url, limits: "true", most: 30)
    }

    /// The same with little address space, where that can be limited.
    private func runSmall(_ command: [String]) throws -> LimitedCommand {
        #if os(Linux)
            let limits = "ulimit -v 900000"
        #else
            let limits = "true"
        #endif
        return try LimitedCommand(
            command[0], Array(command.dropFirst()), in: directory.url, limits: limits, most: 120)
    }

    /// A gigabyte of zeros in some kilobytes, in chunks as large as they may be.
    @Test(arguments: [64 << 20, 1 << 20]) func whatIsDecodedIsNotHeld(_ chunkByteCount: Int) throws {
        var file = HandmadeFile()
        file.components = [Component(name: "words", kind: .wordFrequencies, configuration: MetadataMap())]
        try file.add(
            "words.zeros", .float16, [1 << 20, 768], filledWith: 0, chunkByteCount: chunkByteCount)
        try file.write(to: directory.path("zeros.dalle"))
        let check = try runSmall(["dalle-convert", "check", "zeros.dalle", "--decode", "--threads", "2"])
        #expect(check.status == 0, "\(check.status ?? -1) \(check.error)")
        let quant = try runSmall(
            ["dalle-quant", "--int8", "zeros.dalle", "-o", "small.dalle", "--threads", "2", "--quiet"])
        #expect(quant.status == 0, "\(quant.status ?? -1) \(quant.error)")
        #expect(quant.seconds < 60)
    }

    /// A tensor of many chunks, one of each byte.
    @Test func manyChunksAreReadOnce() throws {
        var file = HandmadeFile()
        file.components = [Component(name: "words", kind: .wordFrequencies, configuration: MetadataMap())]
        file.add(
            "words.bytes", .float16, [768, 192], [UInt8](repeating: 60, count: 2 * 768 * 192), chunkByteCount: 1)
        try file.write(to: directory.path("chunks.dalle"))
        for command in [
            ["dalle-convert", "check", "chunks.dalle", "--decode"], ["dalle-convert", "inspect", "chunks.dalle"],
            ["dalle-quant", "--int8", "chunks.dalle", "-o", "small.dalle", "--quiet"],
        ] {
            let found = try LimitedCommand(
                command[0], Array(command.dropFirst()), in: directory.url, limits: "true", most: 30)
            #expect(found.status == 0, "\(command): \(found.status ?? -1) \(found.error)")
            #expect(found.seconds < 15, "\(command)")
        }
    }

    @Test func manyPartsAndTensorsAreGoneThroughOnce() throws {
        var file = HandmadeFile()
        for part in 0..<40_000 {
            file.components.append(Component(name: "p\(part)", kind: .wordFrequencies, configuration: MetadataMap()))
            file.add("p\(part).words.a", .uint8, [0], [], chunkByteCount: 1)
        }
        try file.write(to: directory.path("parts.dalle"))
        let inspect = try run("dalle-convert", "inspect", "parts.dalle")
        #expect(inspect.status == 0, "\(inspect.error)")
        #expect(try run("dalle-convert", "check", "parts.dalle").status == 0)
        // No weight is there to be quantised.
        #expect(try run("dalle-quant", "--int8", "parts.dalle", "-o", "small.dalle").status == 64)
    }

    /// Every count of every configuration, far too large: refused before anything is made for it.
    @Test(arguments: ["dalle-bart", "vqgan", "clip"]) func countsAreHeldAgainstTensors(_ kind: String) throws {
        let convert = try Command(
            "dalle-convert",
            [
                "flax", Fixtures.path("demo/dalle"), "--vqgan", Fixtures.path("demo/vqgan"), "--clip",
                Fixtures.path("demo/clip"), "-o", "demo.dalle",
            ], in: directory.url)
        #expect(convert.status == 0, "\(convert.error)")
        let file = try ModelFile(directory.path("demo.dalle"))
        let place = try #require(file.components.firstIndex { $0.kind.rawValue == kind })
        let part = file.components[place]
        for name in part.configuration.names {
            guard case .integer(let value) = part.configuration[name] else { continue }
            for count in [1 << 24, 2 * value + 2] {
                var configuration = part.configuration
                configuration[name] = .integer(count)
                try HandmadeFile.rewrite(file.path, to: directory.path("count.dalle")) {
                    $0.components[place] = Component(name: part.name, kind: part.kind, configuration: configuration)
                }
                // No tensor tells the number of heads, iterations and tokens.
                if count < 1 << 24, ["heads", "iterations", "token"].contains(where: name.hasSuffix) { continue }
                for route in ["fast", "reference"] {
                    let keep = kind == "clip" ? ["--count", "2", "--keep", "1"] : []
                    let found = try runSmall(
                        ["dalle-run", "count.dalle", "red", "--seed", "1", "-o", "o.png", "--force", "--route", route]
                            + keep)
                    #expect(found.status == 65, "\(name) \(count), \(route): \(found.status ?? -1) \(found.error)")
                    #expect(found.error.hasPrefix("Error: count.dalle, '"), "\(found.error)")
                    #expect(found.seconds < 10, "\(name) \(count), \(route)")
                }
                #expect(try runSmall(["dalle-convert", "inspect", "count.dalle"]).status == 0)
            }
        }
    }
}
