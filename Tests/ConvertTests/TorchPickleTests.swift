import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

/// Files of `torch.save` with all that people keep beside their weights: `fixtures/torch/make_pickles.py`.
@Suite struct TorchPickleTests {
    private static let files =
        (try? FileManager.default.contentsOfDirectory(atPath: Fixtures.path("torch/pickles")))?
        .sorted() ?? []

    private static let w = (0..<24).map { Double($0) / 8 - 1 }
    /// 3e30 is the nearest number of type bfloat16.
    private static let b = [1, -2.5, Double(Float(bitPattern: 0x7217_0000))]

    private func checkpoint(_ name: String) throws -> TorchCheckpoint {
        try TorchCheckpoint(Fixtures.path("torch/pickles/\(name)"))
    }

    @Test func filesAreThere() { #expect(Self.files.count >= 35) }

    @Test(arguments: files.filter { !$0.hasPrefix("wanted_") })
    func weightsAreReadWhateverLiesBeside(_ name: String) throws {
        let tensors = try checkpoint(name).tensors
        let (w, b, n) = (try #require(tensors["w"]), try #require(tensors["b"]), try #require(tensors["n"]))
        #expect((w.dtype, w.shape) == (.float32, [4, 6]))
        #expect(try w.numbers() == Self.w)
        #expect((b.dtype, b.shape) == (.bfloat16, [3]))
        #expect(try b.numbers() == Self.b)
        #expect((n.dtype, n.shape) == (.int64, [2]))
        #expect(try n.numbers() == [Double(1 << 40), -1])
        // As layers and matrices are taken from it.
        #expect(try w.slice(2).numbers() == Array(Self.w[12..<18]))
        #expect(try w.rows(1..<3).numbers() == Array(Self.w[6..<18]))
        #expect(try w.permuted([1, 0]).numbers() == (0..<24).map { Self.w[$0 % 4 * 6 + $0 / 4] })
        w.finish()
        #expect(try w.numbers() == Self.w)
    }

    @Test(
        arguments: [
            ("wanted_call", "the pickle makes it by calling '__builtin__ print', which is not known"),
            ("wanted_sparse", "is a sparse tensor"), ("wanted_quantised", "is a quantised tensor"),
            ("wanted_meta", "is a tensor without elements (meta)"),
            ("wanted_float8", "has elements of type float8_e4m3fn, which is not supported"),
            ("wanted_complex", "has elements of type ComplexFloat, which is not supported"),
            ("wanted_conjugate", "is the conjugate of complex numbers"),
        ])
    func saysWhyATensorCannotBeRead(_ name: String, _ reason: String) throws {
        let path = Fixtures.path("torch/pickles/\(name).pt")
        let checkpoint = try Checkpoint(path)
        #expect(Set(checkpoint.tensors.keys) == ["b", "n"])
        #expect(checkpoint.unreadable.mapValues(\.reason) == ["w": reason])
        // What an import says that misses it, by its whole name, without its prefix, or in words.
        for item in ["w", "'w'"] {
            let isName = item == "w"
            let error = try dalleError {
                try checkpoint.part { () throws(DalleError) in
                    throw DalleError(.badData, isName ? "is missing" : "there is no \(item)", item: isName ? item : nil)
                }
            }
            #expect(error.item == "w")
            #expect(error.message == reason)
        }
    }

    @Test func tensorsOfOtherKindsAreNamed() throws {
        let checkpoint = try Checkpoint(Fixtures.path("torch/pickles/tensors_of_other_kinds.pt"))
        #expect(
            checkpoint.unreadable.mapValues(\.reason) == [
                "beside.sparse": "is a sparse tensor", "beside.compressed": "is a sparse tensor",
                "beside.meta": "is a tensor without elements (meta)", "beside.quantised": "is a quantised tensor",
                "beside.nested": "is a nested tensor",
                "beside.float8": "has elements of type float8_e4m3fn, which is not supported",
                "beside.complex": "has elements of type ComplexFloat, which is not supported",
                "beside.complex128": "has elements of type ComplexDouble, which is not supported",
                "beside.conjugate": "is the conjugate of complex numbers",
            ])
        #expect(checkpoint.tensors["beside.uint16"]?.dtype == .uint16)
        #expect(try checkpoint.tensors["beside.bool"]?.numbers() == [Double](repeating: 1, count: 6))
        #expect(checkpoint.otherEntries == checkpoint.unreadable.keys.sorted())
    }

    /// A part whose modules have a tensor that cannot be read would be another model without it.
    @Test func noModuleIsTakenInPart() throws {
        let checkpoint = try Checkpoint(Fixtures.path("torch/pickles/tensors_of_other_kinds.pt"))
        func part(_ names: [String]) throws -> ImportedComponent {
            try checkpoint.part { () throws(DalleError) in
                ImportedComponent(
                    component: Component(name: "x", kind: .vqgan, configuration: MetadataMap()),
                    tensors: names.compactMap { name in checkpoint.tensors[name].map { .init(name: name, source: $0) }
                    },
                    files: [])
            }
        }
        #expect(try part(["w", "b"]).tensors.count == 2)
        #expect(try dalleError { try part(["w", "beside.bool"]) }.item == "beside.complex")
    }

    @Test func longArraysInsideThePickle() throws {
        let long = try #require(try checkpoint("tpu_long.pt").tensors["long"])
        #expect(try long.numbers() == (0..<70_000).map { Double($0 % 251 - 128) })
    }

    @Test func legacyFilesAreNotTakenForFlaxCheckpoints() throws {
        let directory = try TemporaryDirectory()
        for protocolNumber in [3, 4, 5] {
            let path = directory.path("p\(protocolNumber).msgpack")
            try Fixtures.data("torch/pickles/legacy_p\(protocolNumber).pt").write(to: URL(filePath: path))
            #expect(try Checkpoint(path).container == .torch)
            #expect(try dalleError { try FlaxCheckpoint(path) }.message.contains("it is a Python pickle"))
        }
        // A header of 640 bytes begins as a pickle does.
        let header = Array(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#.utf8)
        let padded = header + [UInt8](repeating: 0x20, count: 640 - header.count)
        let path = directory.path("x.safetensors")
        try Data([0x80, 0x02, 0, 0, 0, 0, 0, 0] + padded + [0, 0, 0, 0x40]).write(to: URL(filePath: path))
        #expect(try Checkpoint(path).tensors["a"]?.numbers() == [2])
    }

    /// Bits that a file has instead of other numbers.
    @Test func negatedNumbersAreExact() throws {
        let numbers: [(String, DType, [UInt8], [Double])] = [
            ("Half", .float16, [0, 0x3C, 0, 0x80], [-1, 0]),
            ("Double", .float64, [0, 0, 0, 0, 0, 0, 0xF8, 0xBF], [1.5]),
            ("Char", .int8, [0x80, 0x7F, 1], [-128, -127, -1]), ("Short", .int16, [2, 0], [-2]),
            ("Int", .int32, [2, 0, 0, 0], [-2]),
        ]
        for (type, dtype, bytes, expected) in numbers {
            let count = bytes.count / dtype.byteCount
            let plain = TorchBuilder.tensor("0", count: count, type: type, shape: [count], strides: [1])
            // The hooks are followed by the properties.
            let negated = plain.dropLast(2) + "}X\u{03}\u{00}\u{00}\u{00}neg\u{88}stR"
            let builder = TorchBuilder(
                pickle: TorchBuilder.dictionary([("w", String(negated))]), storages: ["0": bytes])
            let tensor = try #require(try builder.checkpoint().tensors["w"])
            #expect(try tensor.numbers() == expected, "\(type)")
            #expect(try tensor.numbers().first?.sign == expected.first?.sign)
        }
    }
}
