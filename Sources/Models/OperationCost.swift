public import DalleFormat

/// What a piece of work reads and multiplies.
public struct OperationCost: Sendable, Equatable {
    /// Of weights, keys and values.
    public var bytes = 0
    /// Of these, those of tensors that are compressed.
    public var unpackedBytes = 0
    public var floatProducts = 0
    /// Products of integers, which machines do faster.
    public var int8Products = 0

    public init() {}

    /// A tensor that is read once and multiplied with so many rows.
    public mutating func add(_ tensor: TensorDescriptor?, uses: Int) {
        guard let tensor else { return }
        bytes += tensor.byteCount
        if !tensor.isStored { unpackedBytes += tensor.byteCount }
        let products = tensor.shape.count * uses
        if tensor.packing == nil { floatProducts += products } else { int8Products += products }
    }

    /// A network's convolutions, once for each pixel that they give, all products counted: Winograd's algorithm has fewer.
    public mutating func add(_ network: ConvNetwork, _ tensors: PartTensors, height: Int, width: Int) {
        network.forEachConvolution(height: height, width: width) { layer, _, output in
            add(tensors["\(layer.name).weight"], uses: output.pixels)
        }
    }

    /// A pass through a stack's layers: its matrices, once for each row.
    ///
    /// - Parameter share: Where the pass goes on with keys and values that are kept: those of so large a share of the positions
    ///   are read.
    public mutating func add(_ stack: TransformerStack, _ tensors: PartTensors, rows: Int, share: Double? = nil) {
        for name in stack.matrices(isStep: share != nil) { add(tensors[name], uses: rows) }
        guard let share else { return }
        for name in stack.keyMatrices(.selfAttention) {
            let isInt8 = tensors[name]?.packing != nil
            bytes += Int(
                Double(stack.cacheByteCount(sequences: rows, positions: stack.length, isInt8: isInt8)) * share)
            // Keys and values; a product with a byte is two, as the other factor has two bytes.
            let numbers = Int(2 * Double(stack.length * stack.width * rows) * share)
            if isInt8 { int8Products += 2 * numbers } else { floatProducts += numbers }
        }
    }
}
