import DalleConvert
import DalleFormat
import DalleModels
import Foundation
import TestSupport
import Testing

/// Sources that are written to between their opening and the end of a conversion.
@Suite struct SourceWatchTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        for name in ["flax/checkpoints/mini-like", "torch/vqgan_flax", "torch/clip_vit_hf"] {
            let copy = directory.url.appending(path: name.split(separator: "/").last.map(String.init) ?? "")
            try FileManager.default.copyItem(at: Fixtures.directory.appending(path: name), to: copy)
        }
    }

    private func parts() throws -> [ImportedComponent] {
        var request = DalleImport(.flax, source: directory.path("mini-like"))
        request.vqgan = directory.path("vqgan_flax")
        request.clip = directory.path("clip_vit_hf")
        return try request.read()
    }

    private func refusal(_ parts: [ImportedComponent]) throws -> DalleError? {
        let path = directory.path("out.dalle")
        let error = #expect(throws: DalleError.self) { try ModelAssembly().write(parts, to: path, step: "test") }
        #expect(!directory.contents.contains { $0.hasPrefix("out") })
        return error
    }

    /// The last byte again: the size stays, and so, here, does the content.
    private func touch(_ path: String) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let end = try file.seekToEnd()
        try file.seek(toOffset: end - 1)
        let last = try file.readToEnd() ?? Data()
        try file.seek(toOffset: end - 1)
        try file.write(contentsOf: last)
        try file.close()
    }

    @Test(arguments: [
        "mini-like/flax_model.msgpack", "mini-like/config.json", "mini-like/tokenizer.json",
        "vqgan_flax/flax_model.msgpack", "clip_vit_hf/config.json",
    ])
    func whatIsWrittenToIsRefused(_ name: String) throws {
        let parts = try parts()
        try touch(directory.path(name))
        let error = try refusal(parts)
        #expect(error?.code == .badData && error?.file == directory.path(name), "\(String(describing: error))")
        #expect(error?.message == "was changed while it was read")
    }

    /// Setting the time of the last write back does not hide it.
    @Test func aTimeThatIsSetBackDoesNotHelp() throws {
        let parts = try parts()
        let path = directory.path("vqgan_flax/flax_model.msgpack")
        let before = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        try touch(path)
        try FileManager.default.setAttributes([.modificationDate: before ?? Date()], ofItemAtPath: path)
        #expect(try refusal(parts)?.file == path)
    }

    @Test func replacedGrownAndRemovedFilesAreTold() throws {
        let path = directory.path("mini-like/flax_model.msgpack")
        let data = try Data(contentsOf: URL(filePath: path))
        var parts = try parts()
        try data.write(to: URL(filePath: path), options: .atomic)
        #expect(try refusal(parts)?.message == "was replaced by another file while it was read")
        parts = try self.parts()
        try (data + [0]).write(to: URL(filePath: directory.path("longer")))
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seekToEnd()
        try file.write(contentsOf: [0])
        try file.close()
        #expect(try refusal(parts)?.message.contains("to \(data.count + 1) bytes while it was read") == true)
        try data.write(to: URL(filePath: path))
        parts = try self.parts()
        try FileManager.default.removeItem(atPath: path)
        let error = #expect(throws: DalleError.self) {
            try ModelAssembly().write(parts, to: directory.path("out.dalle"), step: "test")
        }
        #expect(error?.file == path)
    }

    @Test func whatIsLeftAloneIsConverted() throws {
        #expect(try ModelAssembly().write(try parts(), to: directory.path("out.dalle"), step: "test") > 0)
    }

    @Test func modelFilesAreWatchedToo() throws {
        let path = directory.path("a.dalle")
        _ = try ModelAssembly().write(try parts(), to: path, step: "test")
        let file = try ModelFile(path)
        let (merge, export) = (try ModelMerge([file]), try ModelExport(file))
        try touch(path)
        let merged = #expect(throws: DalleError.self) {
            try merge.write(to: directory.path("out.dalle"), replacing: false, threads: 1)
        }
        let exported = #expect(throws: DalleError.self) {
            try export.write(to: directory.path("exported"), replacing: false, threads: 1)
        }
        #expect(merged?.file == path && exported?.file == path)
        #expect(!directory.contents.contains("out.dalle"))
        #expect(!FileManager.default.fileExists(atPath: directory.path("exported/config.json")))
    }
}
