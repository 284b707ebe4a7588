extension TransformerStack {
    private static let floatByteCount = 4

    /// Bytes of one attention's keys and values.
    ///
    /// - Parameters:
    ///   - positions: Of each sequence.
    ///   - isInt8: A byte for each number and a scale for each head, as where the matrix that makes the keys has integers.
    public func cacheByteCount(sequences: Int, positions: Int, isInt8: Bool) -> Int {
        2 * sequences * positions * (isInt8 ? width + heads * Self.floatByteCount : width * Self.floatByteCount)
    }

    /// Bytes of the states of a pass over rows that are seen once: the states with what sublayers make of them, each as a
    /// float and a byte and once more for what bytes leave.
    public func stateByteCount(rows: Int) -> Int {
        let inner = layers.map { $0.feedForward.width }.max() ?? 0
        return rows * 2 * (7 * width + 2 * inner) * (Self.floatByteCount + 1)
    }

    /// The matrices that a pass multiplies with each of its rows, by their names.
    ///
    /// - Parameter isStep: Goes on with keys and values that are kept: those of cross-attention are not made again.
    public func matrices(isStep: Bool) -> [String] {
        layers.enumerated().flatMap { number, layer in
            layer.sublayers.flatMap { sublayer in
                denseLayers(layer, sublayer).compactMap { dense, _, _ in
                    let isKept = isStep && sublayer == .crossAttention && (dense == .key || dense == .value)
                    return isKept ? nil : name(of: .dense(layer: number, sublayer, dense, .weight))
                }
            }
        }
    }

    /// The matrices that make the keys of each layer: their type decides how keys and values are kept.
    public func keyMatrices(_ sublayer: TransformerTensor.Sublayer) -> [String] {
        layers.indices.filter { layers[$0].sublayers.contains(sublayer) }.map {
            name(of: .dense(layer: $0, sublayer, .key, .weight))
        }
    }
}
