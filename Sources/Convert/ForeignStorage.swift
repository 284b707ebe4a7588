import DalleFormat

/// The bytes behind a foreign tensor: one piece of a mapped file, or several pieces that follow each other, or bytes that
/// are made from the file when they are needed.
///
/// Several pieces occur in Flax checkpoints, which cut arrays of more than 2^30 bytes.
struct ForeignStorage: Sendable {
    struct Piece: Sendable {
        let file: MappedFile
        let range: Range<Int>
    }

    let elementSize: Int
    /// Elements of every piece; the last may have fewer.
    private let pieceCount: Int
    private let pieces: [Piece]
    /// Elements in all.
    let count: Int
    private let check: IntegrityCheck?
    /// What `opened()` makes the one piece from.
    private var derived: DerivedBytes?

    /// - Parameter check: what must hold before the first element is read.
    /// - Throws: `badData` when a piece is no whole number of elements, or one before the last differs in size.
    init(_ pieces: [Piece], elementSize: Int, check: IntegrityCheck? = nil) throws(DalleError) {
        self.check = check
        self.pieces = pieces
        self.elementSize = elementSize
        pieceCount = max((pieces.first?.range.count ?? 0) / elementSize, 1)
        count = pieces.reduce(0) { $0 + $1.range.count } / elementSize
        for (index, piece) in pieces.enumerated() {
            let size = piece.range.count
            let fits = index < pieces.count - 1 ? size == pieceCount * elementSize : size <= pieceCount * elementSize
            guard fits, size % elementSize == 0, piece.range.lowerBound >= 0, piece.range.upperBound <= piece.file.count
            else {
                throw DalleError(
                    .badData,
                    "a piece of \(size) bytes at \(piece.range) does not hold elements of \(elementSize) bytes",
                    file: piece.file.path, offset: piece.range.lowerBound)
            }
        }
    }

    /// Bytes that are yet to be made.
    ///
    /// - Throws: `badData` when they are no whole number of elements.
    init(_ bytes: DerivedBytes, elementSize: Int) throws(DalleError) {
        guard bytes.byteCount % elementSize == 0 else {
            throw DalleError(
                .badData, "\(bytes.byteCount) bytes do not hold elements of \(elementSize) bytes")
        }
        (check, pieces, derived) = (nil, [], bytes)
        self.elementSize = elementSize
        count = bytes.byteCount / elementSize
        pieceCount = max(count, 1)
    }

    /// The same bytes as elements of another size; what is left over at the end is none.
    func viewed(elementSize: Int) throws(DalleError) -> ForeignStorage {
        if let derived { return try ForeignStorage(derived, elementSize: elementSize) }
        let pieces = pieces.map { piece in
            let byteCount = piece.range.count / elementSize * elementSize
            return Piece(file: piece.file, range: piece.range.lowerBound..<piece.range.lowerBound + byteCount)
        }
        return try ForeignStorage(pieces, elementSize: elementSize, check: check)
    }

    /// The storage with all bytes there, which are those that were written if the container says so.
    ///
    /// The other methods need such a one.
    func opened() throws(DalleError) -> ForeignStorage {
        try check?.run()
        guard let derived else { return self }
        let bytes = try derived.bytes()
        return try ForeignStorage(
            [Piece(file: bytes, range: 0..<count * elementSize)], elementSize: elementSize)
    }

    /// Whether another storage is of the same bytes of the same files.
    func isSame(as other: ForeignStorage) -> Bool {
        derived?.source == other.derived?.source && pieces.count == other.pieces.count
            && zip(pieces, other.pieces).allSatisfy { $0.file.path == $1.file.path && $0.range == $1.range }
    }

    /// Calls `body` with each stretch of consecutive bytes of an element range.
    func forEachStretch(_ elements: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void) {
        var start = elements.lowerBound
        while start < elements.upperBound {
            let number = start / pieceCount
            let end = min(elements.upperBound, (number + 1) * pieceCount)
            withPiece(number) { bytes in
                let first = (start - number * pieceCount) * elementSize
                body(UnsafeRawBufferPointer(rebasing: bytes[first..<(first + (end - start) * elementSize)]))
            }
            start = end
        }
    }

    /// The bytes of an element range, if it lies in one piece.
    func withStretch(_ elements: ClosedRange<Int>, _ body: (UnsafeRawPointer) -> Void) -> Bool {
        let number = elements.lowerBound / pieceCount
        guard number == elements.upperBound / pieceCount else { return false }
        withPiece(number) { bytes in
            if let base = bytes.baseAddress { body(base + (elements.lowerBound - number * pieceCount) * elementSize) }
        }
        return true
    }

    /// Gives the pages of an element range back to the system.
    func release(_ elements: Range<Int>) {
        if let derived {
            // A part of them would be made again with all others.
            if elements == 0..<count { derived.drop() }
            return
        }
        guard !elements.isEmpty else { return }
        for number in elements.lowerBound / pieceCount...(elements.upperBound - 1) / pieceCount {
            let piece = pieces[number]
            let first = max(elements.lowerBound - number * pieceCount, 0) * elementSize
            let last = min(elements.upperBound - number * pieceCount, piece.range.count / elementSize) * elementSize
            piece.file.release(piece.range.lowerBound + first..<piece.range.lowerBound + last)
        }
    }

    private func withPiece(_ number: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        pieces[number].file.withUnsafeBytes(pieces[number].range, body)
    }
}
