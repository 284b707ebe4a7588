import DalleFormat

/// How much the error of each column of a dense layer's matrix matters: the mean square of the input that it multiplies.
public struct ImportanceMatrix: Sendable {
    private let columns: [String: [Float]]
    /// What was drawn to find out.
    private let prompts: [String]

    /// What no input comes through matters a little all the same: other prompts may need it.
    private static let least: Float = 1e-4

    /// Nothing is known.
    static let none = ImportanceMatrix(squares: [:], prompts: [])

    /// - Parameters:
    ///   - squares: By tensor, mean or sum of the squares of each column's inputs.
    ///   - prompts: What was drawn to find out.
    public init(squares: [String: [Double]], prompts: [String]) {
        self.prompts = prompts
        columns = squares.compactMapValues { squares in
            let mean = squares.reduce(0, +) / Double(max(squares.count, 1))
            guard mean > 0, mean.isFinite else { return nil }
            return squares.map { max(Float($0 / mean), Self.least) }
        }
    }

    /// How it was found out, for the provenance; nil when nothing is known.
    var origin: MetadataValue? {
        guard !columns.isEmpty else { return nil }
        let digest = Digest(of: Array(prompts.joined(separator: "\n").utf8))
        return ["prompts": .integer(prompts.count), "xxh3_128": .text(digest.description)]
    }

    /// A weight for each column of a tensor, 1 in the mean; nil when its inputs were not seen.
    func weights(_ name: String, columns count: Int) -> [Float]? {
        columns[name].flatMap { $0.count == count ? $0 : nil }
    }
}
