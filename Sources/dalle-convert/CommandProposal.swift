import DalleConvert

/// What is said to somebody who names a file in the place of a subcommand.
enum CommandProposal {
    /// - Parameter rest: What stands behind the file.
    static func text(_ source: String, _ rest: [String]) -> String {
        func line(_ command: String, _ arguments: [String]) -> String {
            (["dalle-convert", command] + (arguments + rest).map(quoted)).joined(separator: " ")
        }
        let file = quoted(source)
        return switch SourceKind(source) {
        case .flax: "\(source): this is a DALL·E mini or Mega: \(line("flax", [source]))"
        case .minDalle:
            "\(source): this is min-dalle's: \(line("min-dalle", [source]))"
        case .vqgan: "\(source): this is a VQGAN: \(line("vqgan", [source]))"
        case .clip: "\(source): this is a CLIP: \(line("clip", [source]))"
        case .settings:
            "\(source): these are the settings of a VQGAN: \(line("vqgan", ["CHECKPOINT", "--config", source]))"
        case .modelFile:
            "\(source) is converted already: dalle-run \(file) \"PROMPT\" draws with it, dalle-quant --int8 \(file) makes "
                + "it smaller, dalle-convert inspect \(file) says what is in it"
        case nil:
            "\(source): say what it is, for instance: dalle-convert flax \(file) (or min-dalle, vqgan, clip, inspect, check)"
        }
    }

    /// As a shell takes it for one word.
    private static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=,:@%+".contains($0) }
        return plain && !word.isEmpty ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }
}
