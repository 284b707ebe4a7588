import DalleConvert
public import DalleFormat
import Foundation

/// What a model is compared with: a model file, or one made of a checkpoint for as long as it is needed.
public final class ComparisonBase {
    public let file: ModelFile
    private let scratch: String?

    /// - Throws: `missingInput` when there is nothing of this name, `badData` when it is not understood.
    public init(_ path: String, threads: Int) throws(DalleError) {
        if PathKind(path) == .file, Self.isModelFile(path) {
            file = try ModelFile(path)
            scratch = nil
            return
        }
        let parts = try DalleImport(.flax, source: path).read()
        let scratch = FileManager.default.temporaryDirectory.appending(path: "dalle-\(UUID().uuidString).dalle").path
        var assembly = ModelAssembly()
        assembly.compression = .none
        assembly.threads = threads
        _ = try assembly.write(parts, to: scratch, step: "compare")
        do throws(DalleError) {
            file = try ModelFile(scratch)
        } catch {
            Self.remove(scratch)
            throw error
        }
        self.scratch = scratch
    }

    deinit { if let scratch { Self.remove(scratch) } }

    private static func remove(_ path: String) {
        // Nothing depends on it any more.
        _ = try? FileManager.default.removeItem(atPath: path)
    }

    private static func isModelFile(_ path: String) -> Bool {
        guard let head = FileHandle(forReadingAtPath: path)?.readData(ofLength: 16) else { return false }
        return FileSignature.isModelFile(Array(head).span)
    }
}
