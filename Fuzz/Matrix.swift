/// Stands for the runtime's, which the readers of pictures do without.
public struct Matrix: Sendable {
    public let rows: Int
    public let columns: Int
    public var values: [Float]

    init(rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        values = [Float](repeating: 0, count: rows * columns)
    }
}
