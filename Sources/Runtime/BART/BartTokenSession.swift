import DalleFormat
import DalleModels

/// The decoder's session as a model's: every image begins with the start token.
final class BartTokenSession: TokenSession {
    private let decoder: any CodeDecoder
    private let session: any DecodingSession
    /// Rows that have yet to take the start token.
    private var fresh: Set<Int> = []

    init(_ decoder: any CodeDecoder, rows: Int) throws(DalleError) {
        self.decoder = decoder
        session = try decoder.session(rows: rows)
    }

    func start(_ rows: [(row: Int, prompt: any PreparedPrompt)]) throws(DalleError) {
        var encoded: [(row: Int, prompt: EncodedPrompt)] = []
        for (row, prompt) in rows {
            guard let prompt = prompt as? EncodedPrompt else {
                throw DalleError(.usage, "the prompt of row \(row) was prepared by another model")
            }
            encoded.append((row, prompt))
        }
        try session.start(encoded)
        fresh.formUnion(rows.map(\.row))
    }

    func step(_ rows: [(row: Int, tokens: [Int])]) throws(DalleError) -> Matrix {
        let start = decoder.configuration.startToken
        let logits = try session.step(
            rows.map { ($0.row, fresh.contains($0.row) ? [start] + $0.tokens : $0.tokens) })
        if !fresh.isEmpty { fresh.subtract(rows.map(\.row)) }
        return logits
    }

    func nonFinite(_ results: String) -> DalleError { decoder.nonFinite(results, session) }
}
