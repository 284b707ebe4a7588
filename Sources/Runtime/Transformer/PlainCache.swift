import DalleModels

/// Keys or values of one layer: `[sequences, length, width]`.
struct PlainCache: Sendable {
    private let length: Int
    private let width: Int
    private var values: [Float]

    init(sequences: Int, length: Int, width: Int) {
        self.length = length
        self.width = width
        values = [Float](repeating: 0, count: sequences * length * width)
    }

    /// Puts rows at their places.
    mutating func store(_ rows: Matrix, _ places: [(sequence: Int, position: Int)]) {
        for (row, place) in places.enumerated() {
            let start = (place.sequence * length + place.position) * width
            values.replaceSubrange(start..<start + width, with: rows.row(row))
        }
    }

    /// All positions of a sequence.
    @_lifetime(borrow self)
    func sequence(_ sequence: Int) -> Span<Float> {
        values.span.extracting(sequence * length * width..<(sequence + 1) * length * width)
    }
}
