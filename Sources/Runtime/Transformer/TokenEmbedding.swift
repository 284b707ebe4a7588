import DalleFormat
import DalleKernels
import DalleModels

/// A table whose rows are looked up one at a time; it stays in the type and place it has in the file.
struct EmbeddingTable: Sendable {
    let shape: Shape
    private let rows: Rows

    private enum Rows: Sendable {
        case stored(FloatElements)
        /// The chunk that holds a row is decoded each time.
        case compressed(ModelFile, TensorDescriptor)
    }

    /// - Parameter isReadRarely: So few rows are wanted that not all of a compressed table should be decoded.
    init(_ file: ModelFile, _ name: String, shape: Shape, isReadRarely: Bool) throws(DalleError) {
        self.shape = shape
        if isReadRarely, let tensor = file.descriptor(name), tensor.shape == shape, tensor.layout == .plain,
            !tensor.isStored,
            tensor.dtype.isFloatingPoint
        {
            rows = .compressed(file, tensor)
        } else {
            let stored = try FloatElements(file, name, shape: shape)
            // Checking has read all of it; single rows are wanted.
            stored.release()
            rows = .stored(stored)
        }
    }

    /// Writes a row as floats.
    ///
    /// - Throws: `usage` when there is no such row.
    func read(_ index: Int, into target: inout MutableSpan<Float>) throws(DalleError) {
        guard (0..<shape[0]).contains(index) else {
            throw DalleError(.usage, "the token id \(index) is not among the \(shape[0]) of the embedding")
        }
        let elements = index * shape[1]..<(index + 1) * shape[1]
        switch rows {
        case .stored(let stored):
            try stored.read(elements, into: &target)
        case .compressed(let file, let tensor):
            let size = tensor.dtype.byteCount
            let bytes = try file.bytes(of: tensor.name, elements.lowerBound * size..<elements.upperBound * size)
            try tensor.dtype.decodeFloats(bytes.bytes, into: &target)
        }
    }

    /// A row as floats.
    ///
    /// - Throws: `usage` when there is no such row.
    func row(_ index: Int) throws(DalleError) -> [Float] {
        var row = [Float](repeating: 0, count: shape[1])
        var target = row.mutableSpan
        try read(index, into: &target)
        return row
    }
}

/// Tokens to hidden states: token and position embedding, then a norm if there is one.
struct TokenEmbedding: Sendable {
    let tokens: EmbeddingTable
    let positions: FloatTensor?
    /// On the tokens' part only.
    let scale: Float
    let norm: Norm?

    /// The states of tokens at given positions, a row for each.
    func callAsFunction(_ ids: [(token: Int, position: Int)]) throws(DalleError) -> Matrix {
        let width = tokens.shape[1]
        var states = Matrix(rows: ids.count, columns: width)
        for (index, id) in ids.enumerated() {
            var row = try tokens.row(id.token)
            if scale != 1 { for i in row.indices { row[i] *= scale } }
            if let positions {
                let position = positions.row(id.position)
                for i in row.indices { row[i] += position[i] }
            }
            states.setRow(index, row)
        }
        return norm?(states) ?? states
    }

    /// Likewise, with kernels.
    func embed(
        _ ids: [(token: Int, position: Int)], into states: ActivationRows, _ kernels: Kernels
    ) throws(DalleError) {
        for (index, id) in ids.enumerated() {
            let row = states.row(index)
            var target = row.mutableSpan
            try tokens.read(id.token, into: &target)
            if scale != 1 { for i in row.indices { row[i] *= scale } }
            if let positions { kernels.add(states, row: index, at: 0, positions.row(id.position)) }
            norm?.apply(states, into: states, row: index, kernels)
        }
    }
}
