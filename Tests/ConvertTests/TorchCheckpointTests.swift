import DalleFormat
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

@Suite struct TorchCheckpointTests {
    private struct Layout: Decodable {
        let dtype: String
        let shape: [Int]
    }

    @Test(arguments: ["tricky_zip.pt", "tricky_legacy.pt"])
    func readsAwkwardTensors(_ file: String) throws {
        let checkpoint = try TorchCheckpoint(Fixtures.path("torch/\(file)"))
        let expected = try NumpyArchive("torch/tricky.npz")
        let layouts = try JSONDecoder().decode([String: Layout].self, from: Fixtures.data("torch/tricky.json"))
        #expect(
            checkpoint.unreadable.mapValues(\.reason) == [
                "complex64": "has elements of type ComplexFloat, which is not supported"
            ])
        #expect(Set(checkpoint.names) == Set(layouts.keys).subtracting(["complex64"]))
        #expect(checkpoint.otherEntries.isEmpty)
        for name in checkpoint.names {
            let tensor = try #require(checkpoint.tensors[name])
            let layout = try #require(layouts[name])
            #expect("torch.\(tensor.dtype)" == layout.dtype, "\(name)")
            #expect(tensor.shape.extents == layout.shape, "\(name)")
            let values = try expected.array(name).values
            let found = try tensor.numbers()
            #expect(found.count == values.count, "\(name)")
            #expect(zip(found, values).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }, "\(name)")
        }
    }

    @Test func keepsTheFilesOrder() throws {
        let names = try TorchCheckpoint(Fixtures.path("torch/tricky_zip.pt")).names
        #expect(names.prefix(4) == ["contig", "transposed", "slice", "step"])
    }

    @Test func findsTheStateDictionaryAndKeepsTheRest() throws {
        let checkpoint = try TorchCheckpoint(Fixtures.path("torch/tricky_containers.pt"))
        #expect(checkpoint.tensors.count == 23)
        #expect(
            checkpoint.otherEntries
                == ["nested", "size", "dtype", "device", "np", "arr", "neg", "bigint", "bytes", "set"])
        let pickle = checkpoint.pickle
        #expect(pickle.entry("neg", of: pickle.root).map { "\($0)" } == "integer(-7)")
        #expect(pickle.entry("bigint", of: pickle.root).map { "\($0)" } == "wideInteger([0, 0, 0, 0, 0, 0, 0, 0, 64])")
        let nested = try #require(pickle.entry("nested", of: pickle.root))
        #expect(pickle.elements(of: nested)?.count == 2)
        let set = try #require(pickle.entry("set", of: pickle.root))
        #expect(pickle.describe(set) == "a set")
        let scalar = try #require(pickle.entry("np", of: pickle.root))
        #expect(pickle.call(scalar)?.callee.name == "scalar")
    }

    private static let floats = [UInt8](repeating: 0, count: 64)

    private func checkpoint(_ entries: [(String, String)]) throws -> TorchCheckpoint {
        try TorchBuilder(pickle: TorchBuilder.dictionary(entries), storages: ["0": Self.floats]).checkpoint()
    }

    /// A module that was saved whole: its parameters by their paths, in both containers.
    @Test(arguments: ["module_zip.pt", "module_legacy.pt"])
    func modulesSavedWholeAreRead(_ file: String) throws {
        let checkpoint = try TorchCheckpoint(Fixtures.path("torch/\(file)"))
        let arrays = try NumpyArchive("torch/module.npz")
        #expect(
            Set(checkpoint.names) == [
                "blocks.input.w", "blocks.input.b", "blocks.block_1.id_path.w", "blocks.block_1.id_path.b",
                "blocks.block_1.res_path.conv_1.w", "blocks.block_1.res_path.conv_1.b",
            ])
        for (name, tensor) in checkpoint.tensors {
            #expect(try tensor.numbers() == arrays.array(name).values, "\(name)")
        }
    }

    @Test func joinsNestedNames() throws {
        let tensor = TorchBuilder.tensor("0", count: 16, shape: [4, 4], strides: [4, 1])
        let inner = TorchBuilder.dictionary([("w", tensor)])
        let checkpoint = try checkpoint([("a", inner), ("b", "](" + inner + "N" + tensor + "e"), ("c", "K\u{01}")])
        #expect(checkpoint.names == ["a.w", "b.0.w", "b.2"])
        let trained = try self.checkpoint([("optimizer", inner), ("state_dict", inner)])
        #expect(trained.names == ["w"])
        #expect(trained.otherEntries == ["optimizer"])
    }

    private static let damages: [(String, String)] = [
        ("needs 17 elements and 16 are there", tensor(offset: 1, shape: [16], strides: [1])),
        ("a negative extent", tensor(shape: [-4, 4], strides: [4, 1])),
        ("strides [-1]", tensor(shape: [16], strides: [-1])),
        ("with offset -1", tensor(offset: -1, shape: [4], strides: [1])),
        ("strides [4]", tensor(shape: [4, 4], strides: [4])),
        ("too large to exist", tensor(shape: [1 << 62, 4], strides: [0, 0])),
        ("too large to exist", tensor(shape: [2, 2], strides: [1 << 62, 1 << 62])),
        ("repeats the elements", tensor(shape: [1 << 40], strides: [0])),
        ("holds 64 bytes, expected 15", tensor(count: 15, shape: [1], strides: [1])),
        ("holds 64 bytes, expected 16", tensor(type: "Double", shape: [1], strides: [1])),
        ("holds 64 bytes, expected 4611686018427387904", tensor(count: 1 << 62, shape: [1], strides: [1])),
        ("a tensor without a storage", tensor(count: -1, shape: [1], strides: [1])),
        ("the storage '1' is missing", tensor("1", shape: [16], strides: [1])),
        ("the storage '../0' is missing", tensor("../0", shape: [16], strides: [1])),
        (
            "at most 8 is supported",
            tensor(shape: .init(repeating: 1, count: 9), strides: .init(repeating: 1, count: 9))
        ),
        ("a tensor made of 1 values", "ctorch._utils\n_rebuild_tensor_v2\nN\u{85}R"),
    ]

    private static func tensor(
        _ key: String = "0", count: Int = 16, type: String = "Float", offset: Int = 0, shape: [Int], strides: [Int]
    ) -> String {
        TorchBuilder.tensor(key, count: count, type: type, offset: offset, shape: shape, strides: strides)
    }

    @Test(arguments: damages)
    func refusesTensors(_ message: String, _ tensor: String) throws {
        let error = try dalleError { try checkpoint([("w", tensor)]) }
        #expect(error.code == .badData)
        #expect(error.message.contains(message), "\(error)")
        #expect(error.item == "w")
        #expect(error.file?.hasSuffix("x.pt") == true)
    }

    @Test(arguments: [
        ("QUInt8", "has elements of type QUInt8, which is not supported"),
        ("Spam", "has a storage of the type 'torch SpamStorage'"),
    ])
    func stepsOverOtherStorages(_ type: String, _ reason: String) throws {
        let other = Self.tensor("1", type: type, shape: [1], strides: [1])
        let checkpoint = try checkpoint([("other", other), ("w", Self.tensor(shape: [16], strides: [1]))])
        #expect(checkpoint.names == ["w"])
        #expect(checkpoint.unreadable.mapValues(\.reason) == ["other": reason])
        let error = try dalleError { try self.checkpoint([("other", other)]) }
        #expect(error.message == "holds no tensors that can be read; 'other', one of 1: \(reason)")
    }

    @Test func refusesAStorageOfTwoTypes() throws {
        let error = try dalleError {
            try checkpoint([
                ("a", Self.tensor(shape: [16], strides: [1])),
                ("b", Self.tensor(type: "Int", shape: [16], strides: [1])),
            ])
        }
        #expect(error.message.contains("16 elements of Int here and 16 of Float elsewhere"))
    }

    @Test func refusesNamesThatAreThereTwice() throws {
        let tensor = Self.tensor(shape: [16], strides: [1])
        let nested = TorchBuilder.dictionary([("b", tensor)])
        #expect(try dalleError { try checkpoint([("a.b", tensor), ("a", nested)]) }.message == "is there twice")
    }

    /// What holds no tensor is stepped over, however it is made: a dictionary inside itself, lists of ten lists of ten
    /// lists, a list nested more deeply than any state dictionary, a name that cannot be one.
    @Test func stepsOverWhatHoldsNoTensor() throws {
        var laughs = "]q\u{00}0"
        for level in 1...30 {
            let recall = "h" + String(Unicode.Scalar(UInt8(level - 1)))
            laughs += "](" + String(repeating: recall, count: 10) + "eq" + String(Unicode.Scalar(UInt8(level))) + "0"
        }
        let long = "](" + String(repeating: "N", count: 300_000) + "e"
        let often =
            "](" + String(repeating: "]", count: 20_000) + "eq\u{00}0](" + String(repeating: "h\u{00}", count: 20_000)
            + "e"
        let deep = String(repeating: "]", count: 5000) + String(repeating: "a", count: 4999)
        for value in ["}q\u{40}U\u{01}ah\u{40}s", laughs + "h\u{1E}", long, often, deep, "}U\u{02}\n\u{1B}]s"] {
            let tensor = Self.tensor(shape: [16], strides: [1])
            #expect(try checkpoint([("other", value), ("w", tensor)]).names == ["w"])
            #expect(
                try dalleError { try TorchBuilder(pickle: value).checkpoint() }.message.contains("holds no tensors"))
        }
    }

    @Test func anObjectInsideItselfAddsNothing() throws {
        let tensor = Self.tensor(shape: [16], strides: [1])
        let pickle = "}q\u{00}(U\u{01}ah\u{00}U\u{01}b}U\u{01}ch\u{00}sU\u{01}w" + tensor + "u"
        let checkpoint = try TorchBuilder(pickle: pickle, storages: ["0": Self.floats]).checkpoint()
        #expect(checkpoint.names == ["w"])
    }

    @Test func boundsTensorsThatAreThereOverAndOver() throws {
        var laughs = "](" + Self.tensor(shape: [1], strides: [1]) + "eq\u{00}0"
        for level in 1...30 {
            let recall = "h" + String(Unicode.Scalar(UInt8(level - 1)))
            laughs += "](" + String(repeating: recall, count: 10) + "eq" + String(Unicode.Scalar(UInt8(level))) + "0"
        }
        let error = try dalleError {
            try TorchBuilder(pickle: laughs + "h\u{1E}", storages: ["0": Self.floats]).checkpoint()
        }
        #expect(error.message.contains("have more than 262144 parts"))
    }

    @Test func takesAFileWithoutByteOrderForLittleEndian() throws {
        let tensor = Self.tensor(shape: [16], strides: [1])
        var builder = TorchBuilder(pickle: TorchBuilder.dictionary([("w", tensor)]), storages: ["0": Self.floats])
        builder.byteOrder = nil
        #expect(try builder.checkpoint().names == ["w"])
        builder.byteOrder = "big"
        #expect(try dalleError { try builder.checkpoint() }.message.contains("byte order"))
    }

    @Test(arguments: [[], ["a/data.pkl", "b/data.pkl"]])
    func refusesArchivesWithoutExactlyOnePickle(_ names: [String]) throws {
        let directory = try TemporaryDirectory()
        let members = (names + ["a/version"]).map { ZipBuilder.Member($0, []) }
        try Data(ZipBuilder(members: members).bytes).write(to: directory.url.appending(path: "x.pt"))
        let error = try dalleError { try TorchCheckpoint(directory.path("x.pt")) }
        #expect(error.message == "is a zip archive with \(names.count) members named data.pkl, expected one")
    }

    @Test func refusesWhatFollowsThePickle() throws {
        #expect(try dalleError { try TorchBuilder(pickle: "}.N").checkpoint() }.message == "2 bytes follow the pickle")
    }

    @Test(arguments: ["ok_control.pt", "ok_legacy_control.pt"])
    func readsTheControls(_ file: String) throws {
        let checkpoint = try TorchCheckpoint(Fixtures.path("torch/hostile/\(file)"))
        #expect(checkpoint.names == ["w"])
        let tensor = try #require(checkpoint.tensors["w"])
        #expect(tensor.shape == [4, 4])
        #expect(try tensor.numbers() == (0..<16).map { Double($0) / 4 })
    }

    @Test func everyChangedByteOfTheControlIsReadOrRefused() throws {
        let original = try Fixtures.data("torch/hostile/ok_control.pt")
        let directory = try TemporaryDirectory()
        let url = directory.url.appending(path: "changed.pt")
        var different: [Int] = []
        func attempt(_ data: Data) throws -> [Double]? {
            try data.write(to: url)
            do {
                return try TorchCheckpoint(url.path).tensors.values.flatMap { try $0.numbers() }
            } catch is DalleError {
                return nil
            }
        }
        for index in original.indices {
            for change: UInt8 in [0x01, 0x80, 0xFF] {
                var data = original
                data[index] ^= change
                if let values = try attempt(data), values != (0..<16).map({ Double($0) / 4 }) {
                    different.append(index)
                }
            }
            #expect(try attempt(original.prefix(index)) == nil)
        }
        // The CRC-32 covers all that decides a value.
        #expect(different.isEmpty)
    }

    /// The old container has no checksums: numbers may differ, nothing may crash, and what is cut off is found.
    @Test func everyChangedByteOfTheLegacyControlIsReadOrRefused() throws {
        let original = try Fixtures.data("torch/hostile/ok_legacy_control.pt")
        let directory = try TemporaryDirectory()
        let url = directory.url.appending(path: "changed.pt")
        func isRead(_ data: Data) throws -> Bool {
            try data.write(to: url)
            do {
                for tensor in try TorchCheckpoint(url.path).tensors.values { _ = try tensor.numbers() }
                return true
            } catch is DalleError {
                return false
            }
        }
        #expect(try isRead(original))
        for index in original.indices {
            for change: UInt8 in [0x01, 0x80, 0xFF] {
                var data = original
                data[index] ^= change
                _ = try isRead(data)
            }
            #expect(try !isRead(original.prefix(index)))
        }
        #expect(try !isRead(original + [0]))
    }
}
