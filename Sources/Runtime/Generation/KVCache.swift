/// Keys and values of the positions decoded so far, for every layer and row of a batch.
struct KVCache: Sendable {
    /// Keys or values of one layer: `[rows, length, width]`.
    struct Store: Sendable {
        private let length: Int
        private let width: Int
        private var values: [Float]

        init(rows: Int, length: Int, width: Int) {
            self.length = length
            self.width = width
            values = [Float](repeating: 0, count: rows * length * width)
        }

        /// Puts a matrix with a row for each row of the batch at a position.
        mutating func append(_ matrix: Matrix, at position: Int) {
            for row in 0..<matrix.rows {
                let start = (row * length + position) * width
                values.replaceSubrange(start..<start + width, with: matrix.row(row))
            }
        }

        /// All positions of a row of the batch.
        @_lifetime(borrow self)
        func row(_ row: Int) -> Span<Float> {
            values.span.extracting(row * length * width..<(row + 1) * length * width)
        }
    }

    var keys: [Store]
    var values: [Store]

    init(layers: Int, rows: Int, length: Int, width: Int) {
        let store = Store(rows: rows, length: length, width: width)
        keys = Array(repeating: store, count: layers)
        values = Array(repeating: store, count: layers)
    }
}
