extension String {
    /// Whether no more marks follow one another than `maximumMarks`.
    ///
    /// Comparing and hashing texts puts marks into an order, in a time that grows with the square of their number: a
    /// name of a megabyte would take an hour.
    public var hasBoundedMarks: Bool {
        guard !utf8.allSatisfy({ $0 < 0x80 }) else { return true }
        var marks = 0
        for scalar in unicodeScalars {
            marks = scalar.isReordered ? marks + 1 : 0
            if marks > String.maximumMarks { return false }
        }
        return true
    }

    /// Unicode's stream-safe text (UAX #15, section 13) has at most 30; a file's name, which goes into what is written
    /// of it, cannot have more than this.
    public static let maximumMarks = 128
}

extension Unicode.Scalar {
    /// Whether it is a mark that changes places with others.
    public var isReordered: Bool { value >= 0x300 && properties.canonicalCombiningClass != .notReordered }
}
