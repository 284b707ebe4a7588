import Foundation
import Testing

@testable import DalleKernels

/// Keys and values of several heads: one cache for all beside one for each.
@Suite struct AttentionCacheTests {
    private static let length = 37

    private static func rows(_ count: Int, _ columns: Int, seed: Int) throws -> ActivationRows {
        var random = RandomNumbers(seed: seed)
        let rows = try ActivationRows(rows: count, columns: columns)
        for row in 0..<count { _ = rows.row(row).update(fromContentsOf: random.floats(columns)) }
        return rows
    }

    /// The answer of one head whose keys and values are those of some rows, one for each position.
    private static func answer(
        _ cache: AttentionCache, sequence: Int, head: Int, keys: ActivationRows, values: ActivationRows,
        query: ActivationRows
    ) throws -> [Float] {
        for row in 0..<length {
            cache.store(
                keys: keys, values: values, row: row, column: 0, sequence: sequence, head: head, position: row, .best)
        }
        let answer = try ActivationRows(rows: 1, columns: cache.headWidth)
        try cache.attend(
            queries: query, scores: ActivationRows(rows: cache.heads, columns: length + 8), answers: answer, row: 0,
            column: 0, sequence: sequence, head: head, positions: length, scale: 0.2, outputScale: 1, bias: nil, .best)
        return Array(answer.row(0))
    }

    /// Widths that are no multiple of a block are padded.
    @Test(arguments: [AttentionCache.Precision.int8, .float32], [8, 20, 64])
    func attentionDoesNotDependOnThePlace(_ precision: AttentionCache.Precision, _ width: Int) throws {
        let keys = try Self.rows(Self.length, width, seed: 1), values = try Self.rows(Self.length, width, seed: 2)
        let query = try Self.rows(1, width, seed: 3)
        func cache(_ sequences: Int, _ heads: Int) throws -> AttentionCache {
            try AttentionCache(
                precision, sequences: sequences, heads: heads, headWidth: width, length: Self.length)
        }
        let small = try cache(1, 1), large = try cache(3, 4)
        let expected = try Self.answer(small, sequence: 0, head: 0, keys: keys, values: values, query: query)
        for (sequence, head) in [(0, 0), (1, 3), (2, 3)] {
            let answer = try Self.answer(
                large, sequence: sequence, head: head, keys: keys, values: values, query: query)
            #expect(answer.map(\.bitPattern) == expected.map(\.bitPattern))
        }
        let plain = Self.plainAnswer(keys, values, query, width)
        let bound = precision == .int8 ? 0.02 : 1e-5
        for (found, right) in zip(expected, plain) { #expect(abs(Double(found) - right) < bound, "\(width)") }
    }

    private static func plainAnswer(
        _ keys: ActivationRows, _ values: ActivationRows, _ query: ActivationRows, _ width: Int
    ) -> [Double] {
        let weights = (0..<length).map { row in
            exp(0.2 * (0..<width).reduce(0.0) { $0 + Double(query.row(0)[$1]) * Double(keys.row(row)[$1]) })
        }
        let total = weights.reduce(0, +)
        return (0..<width).map { d in
            (0..<length).reduce(0.0) { $0 + weights[$1] * Double(values.row($1)[d]) } / total
        }
    }
}
