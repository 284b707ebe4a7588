import DalleFormat
import DalleModels

/// Byte pair encoding of one word: the pair that was learned first is merged first, the leftmost if it occurs often.
///
/// Pairs wait in a heap, so that a word of n bytes takes n log n steps however it is made.
struct BytePairMerger: Sendable {
    private struct Pair: Hashable {
        let left: Int32
        let right: Int32
    }

    private let tokenOfByte: [Int32]
    /// For the last byte of a word.
    private let tokenOfLastByte: [Int32]
    private let rankOfPair: [Pair: Int32]
    private let resultOfRank: [Int32]

    /// - Parameter tables: validated ones.
    init(_ tables: TokenizerTables) {
        var tokenOfByte = [Int32](repeating: 0, count: 256), tokenOfLastByte = tokenOfByte
        let specials = Set(tables.specials.map(\.id))
        for (id, bytes) in tables.tokens.enumerated() where bytes.count == 1 && !specials.contains(id) {
            if tables.wordEnds.contains(id) {
                tokenOfLastByte[Int(bytes[0])] = Int32(id)
            } else {
                tokenOfByte[Int(bytes[0])] = Int32(id)
            }
        }
        self.tokenOfByte = tokenOfByte
        self.tokenOfLastByte = tables.wordEnds.isEmpty ? tokenOfByte : tokenOfLastByte
        rankOfPair = Dictionary(
            tables.merges.enumerated().map { (Pair(left: Int32($1.left), right: Int32($1.right)), Int32($0)) }
        ) { first, _ in first }
        resultOfRank = tables.merges.map { Int32($0.result) }
    }

    func tokens(_ word: some Collection<UInt8>) -> [Int] {
        var symbols = word.map { tokenOfByte[Int($0)] }
        let count = symbols.count
        if let last = word.suffix(1).first { symbols[count - 1] = tokenOfLastByte[Int(last)] }
        // Neighbours by position: a merge keeps the left symbol's place and takes the right one out.
        var next = Array(1...max(count, 1)), previous = Array(-1..<max(count - 1, 0))
        var isGone = [Bool](repeating: false, count: count)
        var waiting = MinHeap()

        func push(_ left: Int) {
            let right = left < 0 ? count : next[left]
            guard right < count, let rank = rankOfPair[Pair(left: symbols[left], right: symbols[right])] else { return }
            waiting.push(UInt64(rank) << 32 | UInt64(left))
        }
        for left in 0..<count { push(left) }
        while let first = waiting.pop() {
            let (rank, left) = (Int(first >> 32), Int(first & 0xFFFF_FFFF))
            guard !isGone[left] else { continue }
            let right = next[left]
            // What waited may have been merged away; as in the tokenizers library the result decides, not the rank.
            guard right < count, let now = rankOfPair[Pair(left: symbols[left], right: symbols[right])],
                resultOfRank[Int(now)] == resultOfRank[rank]
            else { continue }
            symbols[left] = resultOfRank[rank]
            isGone[right] = true
            next[left] = next[right]
            if next[right] < count { previous[next[right]] = left }
            push(previous[left])
            push(left)
        }
        return symbols.indices.lazy.filter { !isGone[$0] }.map { Int(symbols[$0]) }
    }
}

/// A binary heap that gives the smallest number first.
private struct MinHeap {
    private var items: [UInt64] = []

    mutating func push(_ item: UInt64) {
        var child = items.count
        items.append(item)
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child] < items[parent] else { break }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> UInt64? {
        guard let last = items.popLast() else { return nil }
        guard let first = items.first else { return last }
        items[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < items.count else { break }
            if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
            guard items[child] < items[parent] else { break }
            items.swapAt(child, parent)
            parent = child
        }
        return first
    }
}
