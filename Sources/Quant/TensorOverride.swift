public import DalleFormat

/// A user's override of the plan for some tensors: `--keep REGEX` keeps their type, `--keep REGEX=TYPE` sets it.
public struct TensorOverride: Sendable {
    /// The option's argument as given.
    public let text: String
    let pattern: String
    /// Nil to keep a tensor's type.
    let scheme: (any QuantizationScheme)?

    /// - Throws: `usage` when it is not a regular expression or the type is unknown.
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

    /// The names in which the pattern is found anywhere.
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
