public import DalleModels

/// Sees what goes into the dense layers of a model on the reference route.
public protocol ActivationObserver: AnyObject, Sendable {
    /// - Parameters:
    ///   - x: The inputs of a layer, a row for each.
    ///   - rows: The rows that are no padding.
    ///   - weight: The layer's matrix, by its name in the file.
    func observe(_ x: Matrix, rows: [Int], weight: String)
}

extension ComputeContext {
    /// The same context for inputs of which only some rows are no padding.
    func observing(_ rows: @autoclosure () -> [Int]) -> ComputeContext {
        guard observer != nil else { return self }
        var context = self
        context.observedRows = rows()
        return context
    }

    func observe(_ x: Matrix, weight: String) {
        observer?.observe(x, rows: observedRows ?? Array(0..<x.rows), weight: weight)
    }
}
