import DalleFormat

/// A library's axis order for weights; the canonical order is `[out, height, width, in]`, `[out, in]`.
enum AxisOrder {
    /// PyTorch's `[out, in, height, width]`.
    case torch
    /// Flax's `[height, width, in, out]`.
    case flax
    /// The model file's own order.
    case canonical

    /// The permutation of a tensor's axes that gives the canonical order.
    func axes(rank: Int) -> [Int] {
        guard rank >= 2 else { return Array(0..<rank) }
        return switch self {
        case .torch: [0] + (2..<rank) + [1]
        case .flax: [rank - 1] + (0..<rank - 1)
        case .canonical: Array(0..<rank)
        }
    }

    /// A canonical shape in this order, for messages.
    func shape(_ canonical: Shape) -> Shape {
        let rank = canonical.rank
        var extents = canonical.extents
        for (index, axis) in axes(rank: rank).enumerated() { extents[axis] = canonical[index] }
        return (try? Shape(extents)) ?? canonical
    }
}

extension CheckpointTensor {
    /// The tensor in canonical order and of a canonical shape.
    ///
    /// Axes of length 1 may be more or fewer: Flax up to 0.3.5 kept norms as (1, 1, 1, C), and a convolution of one
    /// pixel is a dense layer.
    ///
    /// - Throws: `badData` with the shape that the file has and the one expected, both in the file's order.
    func fitted(to shape: Shape, _ order: AxisOrder, remedy: String? = nil) throws(DalleError) -> CheckpointTensor {
        guard let view = try permuted(order.axes(rank: self.shape.rank)).withUnitAxes(of: shape) else {
            throw DalleError(
                .badData, "has shape \(self.shape), expected \(order.shape(shape))", remedy: remedy, item: name)
        }
        guard dtype.isFloatingPoint else {
            throw DalleError(
                .badData, "has elements of type \(dtype.rawValue), expected floating-point numbers", item: name)
        }
        return view
    }
}
