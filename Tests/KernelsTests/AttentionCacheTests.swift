import Testing

@testable import DalleKernels

/// Keys and values of several heads: one cache for all beside one for each.
@Suite struct AttentionCacheTests {
    private static let (width, length) = (64, 40)

    private static func rows(_ count: Int, _ columns: Int, seed: Int) -> ActivationRows {
        var random = RandomNumbers(seed: seed)
        let rows = ActivationRows(rows: count, columns: columns)
        for row in 0..<count { _ = rows.row(row).update(fromContentsOf: random.floats(columns)) }
        return rows
    }

    /// The answer of one head whose keys and values are those of some rows, one for each position.
    private static func answer(
        _ cache: AttentionCache, sequence: Int, head: Int, keys: ActivationRows, values: ActivationRows,
        query: ActivationRows
    ) -> [UInt32] {
        for row in 0..<length {
            cache.store(
                keys: keys, values: values, row: row, column: 0, sequence: sequence, head: head, position: row, .best)
        }
        let answer = ActivationRows(rows: 1, columns: width)
        cache.attend(
            queries: query, scores: ActivationRows(rows: cache.heads, columns: length + 8), answers: answer, row: 0,
            column: 0, sequence: sequence, head: head, positions: length, scale: 0.2, gain: 1, bias: nil, .best)
        return answer.row(0).map(\.bitPattern)
    }

    @Test(arguments: [AttentionCache.Precision.int8, .float32])
    func answersDoNotDependOnThePlace(_ precision: AttentionCache.Precision) {
        let keys = Self.rows(Self.length, Self.width, seed: 1), values = Self.rows(Self.length, Self.width, seed: 2)
        let query = Self.rows(1, Self.width, seed: 3)
        func cache(_ sequences: Int, _ heads: Int) -> AttentionCache {
            AttentionCache(
                precision, sequences: sequences, heads: heads, headWidth: Self.width, length: Self.length)
        }
        let small = cache(1, 1), large = cache(3, 4)
        let expected = Self.answer(small, sequence: 0, head: 0, keys: keys, values: values, query: query)
        for (sequence, head) in [(0, 0), (1, 3), (2, 3)] {
            let answer = Self.answer(large, sequence: sequence, head: head, keys: keys, values: values, query: query)
            #expect(answer == expected)
        }
    }
}
