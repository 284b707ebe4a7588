import DalleFormat
import Foundation

/// The demo model as the commands convert it: once for all tests of a run, each of which gets a copy.
public enum DemoModel {
    private static let url = FileManager.default.temporaryDirectory.appending(path: "dalle-demo-\(UUID().uuidString)")
    private static let directory = Result {
        // Statics have no end of their own.
        atexit { try? FileManager.default.removeItem(at: DemoModel.url) }
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }
    private static let plain = Result { try convert("plain.dalle", []) }
    private static let withCLIP = Result { try convert("clip.dalle", ["--clip", Fixtures.path("demo/clip")]) }

    private static func convert(_ name: String, _ options: [String]) throws -> String {
        let directory = try directory.get()
        let command = try Command(
            "dalle-convert",
            ["flax", Fixtures.path("demo/dalle"), "--vqgan", Fixtures.path("demo/vqgan")] + options
                + ["--compress", "none", "-o", name, "--quiet"], in: directory)
        guard command.status == 0 else { throw DalleError(.fault, "the demo model is not converted: \(command.error)") }
        return directory.appending(path: name).path
    }

    /// Puts the model, uncompressed, into a test's directory.
    public static func copy(into directory: TemporaryDirectory, as name: String = "demo.model", clip: Bool = false)
        throws
    {
        let model = try (clip ? withCLIP : plain).get()
        try FileManager.default.copyItem(atPath: model, toPath: directory.path(name))
    }
}
