extension String {
    /// Whether no more marks follow one another than any writing needs.
    ///
    /// Comparing and hashing texts puts marks into an order, in a time that grows with the square of their number: a
    /// name of a megabyte would take an hour. The bound is that of Unicode's stream-safe text (UAX #15, section 13).
    public var isStreamSafe: Bool {
        guard !utf8.allSatisfy({ $0 < 0x80 }) else { return true }
        var marks = 0
        for scalar in unicodeScalars {
            marks = scalar.isReordered ? marks + 1 : 0
            if marks > String.mostMarks { return false }
        }
        return true
    }

    /// Of a text that is stream-safe.
    public static let mostMarks = 30
}

extension Unicode.Scalar {
    /// Whether it is a mark that changes places with others.
    public var isReordered: Bool { value >= 0x300 && properties.canonicalCombiningClass != .notReordered }
}
