import DalleFormat

/// The importance of each column of a dense layer's matrix for the quantisation error: the mean square of the activation
/// that it multiplies.
public struct ImportanceMatrix: Sendable {
    private let columns: [String: [Float]]
    /// The calibration prompts.
    private let prompts: [String]

    /// A floor for columns whose activations were all zero: other prompts may use them.
    private static let minimumWeight: Float = 1e-4

    /// No calibration: all columns weigh the same.
    static let none = ImportanceMatrix(squares: [:], prompts: [])

    /// - Parameters:
    ///   - squares: By tensor, the mean or sum of the squared activations of each column.
    ///   - prompts: The calibration prompts.
    public init(squares: [String: [Double]], prompts: [String]) {
        self.prompts = prompts
        columns = squares.compactMapValues { squares in
            let mean = squares.reduce(0, +) / Double(max(squares.count, 1))
            guard mean > 0, mean.isFinite else { return nil }
            return squares.map { max(Float($0 / mean), Self.minimumWeight) }
        }
    }

    /// The calibration, for the provenance; nil without one.
    var origin: MetadataValue? {
        guard !columns.isEmpty else { return nil }
        let digest = Digest(of: Array(prompts.joined(separator: "\n").utf8))
        return ["prompts": .integer(prompts.count), "xxh3_128": .text(digest.description)]
    }

    /// A weight for each column of a tensor, with mean 1; nil when its activations were not observed.
    func weights(_ name: String, columns count: Int) -> [Float]? {
        columns[name].flatMap { $0.count == count ? $0 : nil }
    }
}
