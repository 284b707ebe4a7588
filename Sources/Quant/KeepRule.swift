public import DalleFormat

/// What a user says of some tensors: `--keep REGEX` leaves them as they are, `--keep REGEX=TYPE` gives them a type.
public struct KeepRule: Sendable {
    /// As it was given.
    public let text: String
    let pattern: String
    /// Nil to leave a tensor as it is.
    let scheme: (any QuantizationScheme)?

    /// - Throws: `usage` when it is no regular expression, or the type there is not.
    public init(_ text: String) throws(DalleError) {
        self.text = text
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        if parts.count > 1, let type = parts.last, let scheme = QuantizationSchemes.named(String(type)) {
            pattern = String(text.dropLast(type.count + 1))
            self.scheme = scheme
        } else if parts.count > 1, let type = parts.last, type.wholeMatch(of: /[a-z]+[0-9]*/) != nil {
            throw DalleError(
                .usage, "--keep \(text): there is no type '\(type)'",
                remedy: "There are \(QuantizationSchemes.names.joined(separator: ", "))")
        } else {
            pattern = text
            scheme = nil
        }
        _ = try expression()
    }

    /// Whether it is found anywhere in a name.
    func matches(_ names: [String]) throws(DalleError) -> Set<String> {
        let expression = try expression()
        return Set(names.filter { $0.firstMatch(of: expression) != nil })
    }

    private func expression() throws(DalleError) -> Regex<AnyRegexOutput> {
        do {
            return try Regex(pattern)
        } catch {
            throw DalleError(
                .usage, "--keep \(text): '\(pattern)' is no regular expression",
                remedy: "Write REGEX or REGEX=TYPE, as 'vqgan\\..*=float16'")
        }
    }
}
