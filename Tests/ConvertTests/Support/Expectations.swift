import DalleFormat
import Testing

/// The error that `body` must throw.
@discardableResult
func dalleError(
    _ body: () throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
) throws -> DalleError {
    do {
        let value = try body()
        Issue.record("no error but \(value)", sourceLocation: sourceLocation)
        return DalleError(.fault, "")
    } catch let error as DalleError {
        return error
    }
}
