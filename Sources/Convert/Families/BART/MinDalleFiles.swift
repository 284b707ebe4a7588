import DalleFormat
import DalleModels

/// Which of min-dalle's files belong to a model.
///
/// They are published together, those of DALL·E mini with `_mini` before the ending; min-dalle itself puts either model
/// into a directory of its own, under the plain names, and the VQGAN into another one beside it.
struct MinDalleFiles {
    private static let endings = ["", "_mini"]

    /// `vocab.json` and `merges.txt` under whichever names.
    let tokenizer: VocabularyFiles.Names
    private let directory: String
    private let ending: String
    /// Endings of what belongs to the model; the plain names too, unless they are the other model's.
    private let endings: [String]

    /// - Parameter source: the directory, or the file of the encoder or decoder in it.
    /// - Throws: `missingInput` when there is no model, `usage` when there are two.
    init(_ source: String) throws(DalleError) {
        directory = CheckpointFiles.directory(of: source)
        switch PathKind(source) {
        case .nothing: throw DalleError(.missingInput, "there is no such file or directory", file: source)
        case .directory:
            let directory = directory
            let found = Self.endings.filter { PathKind("\(directory)/encoder\($0).pt") == .file }
            guard found.count < 2 else {
                throw DalleError(
                    .usage, "holds two models, encoder.pt and encoder_mini.pt",
                    remedy: "Name the encoder of the one to convert instead of the directory", file: source)
            }
            ending = found.first ?? ""
        case .file, .other:
            let stem = source.split(separator: "/").last?.split(separator: ".").first ?? ""
            ending = stem.hasSuffix(Self.endings[1]) ? Self.endings[1] : ""
        }
        endings = ending.isEmpty || PathKind("\(directory)/encoder.pt") == .file ? [ending] : [ending, ""]
        let (directory, endings) = (directory, endings)
        let own = endings.first { PathKind("\(directory)/vocab\($0).json") == .file } ?? ending
        tokenizer = VocabularyFiles.Names(vocabulary: "vocab\(own).json", merges: "merges\(own).txt")
    }

    func weights(_ side: BartConfiguration.Side) -> String { "\(directory)/\(side)\(ending).pt" }

    /// dalle-mini's settings, if they are there.
    var configuration: String? { first(endings.map { "config\($0).json" }) }

    /// The VQGAN of both models.
    var vqgan: String? { first(["detoker\(ending).pt", "detoker.pt", "../vqgan/detoker.pt"]) }

    private func first(_ names: [String]) -> String? {
        names.map { "\(directory)/\($0)" }.first { PathKind($0) == .file }
    }
}
