/// A row-major matrix of floats: a row for each token or pixel.
public struct Matrix: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    public var values: [Float]

    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(values.count == rows * columns)
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// All zero.
    public init(rows: Int, columns: Int) {
        self.init(rows: rows, columns: columns, values: [Float](repeating: 0, count: rows * columns))
    }

    public func row(_ index: Int) -> ArraySlice<Float> { values[index * columns..<(index + 1) * columns] }

    /// Some of the rows, in a given order.
    public func selecting(_ indices: some Collection<Int>) -> Matrix {
        Matrix(rows: indices.count, columns: columns, values: indices.flatMap { row($0) })
    }

    package mutating func setRow(_ index: Int, _ source: some Collection<Float>) {
        values.replaceSubrange(index * columns..<(index + 1) * columns, with: source)
    }

    /// Adds `other`, after multiplying this matrix by `scale`.
    package mutating func scaleAndAdd(_ scale: Float, _ other: Matrix) {
        precondition(rows == other.rows && columns == other.columns)
        if scale == 1 {
            for i in values.indices { values[i] += other.values[i] }
        } else {
            for i in values.indices { values[i] = values[i] * scale + other.values[i] }
        }
    }

    package mutating func multiply(by other: Matrix) {
        precondition(rows == other.rows && columns == other.columns)
        for i in values.indices { values[i] *= other.values[i] }
    }
}
