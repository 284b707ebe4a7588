import DalleFormat
import DalleModels
import Foundation

/// Cuts texts without spaces into the words of a list, the cheapest way.
///
/// The list has millions of words and a prompt few hashtags: of the list only those words are kept whose letters occur
/// in the texts in the same order, four by four.
struct WordRanks {
    /// Logarithm of the rank.
    private var costs: [ArraySlice<UInt8>: Double] = [:]
    private var longestWord = 1

    /// - Parameter texts: of small letters and digits.
    init(_ texts: [ArraySlice<UInt8>], in words: WordList) throws(DalleError) {
        let longestText = texts.map(\.count).max() ?? 0
        let grams = Grams(texts)
        var (costs, longestWord) = (costs, longestWord)
        try words.forEach { word, rank in
            guard word.count <= longestText, grams.mayContain(word) else { return }
            // Of a word that occurs twice the later rank counts.
            costs[ArraySlice(word)] = log(Double(rank))
            longestWord = max(longestWord, word.count)
        }
        (self.costs, self.longestWord) = (costs, longestWord)
    }

    /// The words of a text; digits that follow each other stay together.
    func split(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        // For each place in the text what the cheapest way there costs, and the length of its last word. Of equally dear
        // ones the shorter counts, also where both are endless because some character is in no word.
        var totals = [0.0], lengths = [0]
        for place in stride(from: 1, through: text.count, by: 1) {
            var (total, length) = (Double.infinity, 1)
            let end = text.startIndex + place
            for candidate in 1...min(longestWord, place) {
                guard let cost = costs[text[(end - candidate)..<end]] else { continue }
                let sum = totals[place - candidate] + cost
                if sum < total { (total, length) = (sum, candidate) }
            }
            totals.append(total)
            lengths.append(length)
        }
        var words: [ArraySlice<UInt8>] = []
        var end = text.endIndex
        while end > text.startIndex {
            let start = end - lengths[end - text.startIndex]
            if let next = words.last, text[end - 1].isDigit, text[next.startIndex].isDigit {
                words[words.count - 1] = text[start..<next.endIndex]
            } else {
                words.append(text[start..<end])
            }
            end = start
        }
        return words.reversed()
    }
}

/// All runs of one to four characters in some texts.
private struct Grams {
    private static let length = 4
    /// Small letters and digits from 1 on, 0 for any other byte.
    private static let symbols: [UInt8] = {
        var symbols = [UInt8](repeating: 0, count: 256)
        for (index, byte) in "abcdefghijklmnopqrstuvwxyz0123456789".utf8.enumerated() {
            symbols[Int(byte)] = UInt8(index + 1)
        }
        return symbols
    }()
    private static let base = 37
    private static let count = base * base * base * base

    private var isPresent = [Bool](repeating: false, count: count)

    init(_ texts: [ArraySlice<UInt8>]) {
        for text in texts {
            for start in text.indices {
                var code = 0
                for byte in text[start...].prefix(Self.length) {
                    code = code * Self.base + Int(Self.symbols[Int(byte)])
                    isPresent[code] = true
                }
            }
        }
    }

    /// Whether each run of four characters of a word, and each shorter start of it, occurs.
    func mayContain(_ word: UnsafeRawBufferPointer) -> Bool {
        var code = 0
        for byte in word {
            let symbol = Int(Self.symbols[Int(byte)])
            code = code * Self.base % Self.count + symbol
            guard symbol > 0, isPresent[code] else { return false }
        }
        return !word.isEmpty
    }
}
