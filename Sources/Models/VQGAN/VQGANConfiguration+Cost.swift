public import DalleFormat

extension VQGANConfiguration: CodecConfiguration {
    public static let kind = Component.Kind.vqgan

    public func decodingCost(_ tensors: PartTensors, height: Int, width: Int) -> OperationCost {
        var cost = OperationCost()
        cost.add(decoder, tensors, height: height, width: width)
        return cost
    }

    /// A block's input, its output, and in the same memory its normalised copy or a float convolution's weights as Winograd's
    /// algorithm takes them (36 numbers for 9), where they are largest.
    public func memory(_ tensors: PartTensors, _ run: RunMemory.Run) -> [RunMemory.Stage] {
        // The encoding half is read only for encoding pictures.
        let encoding = tensors.under("encoder.") + tensors.under("quant_conv.")
        let kernels = tensors.under("decoder.")
        let image = decoder.largestFeatureMap(height: run.height, width: run.width)
        let largest =
            kernels.filter { $0.packing == nil && $0.shape.rank == 4 && $0.shape[2] == 3 }
            .map(\.shape.count).max() ?? 0
        // What decoding compressed weights leaves of the file's pages: those that were read are given back, but the system maps
        // others with them, some megabytes at a time.
        let pages = min(kernels.filter { !$0.isStored }.byteCount, 24 << 20)
        return [
            .init(
                "vqgan", .decoding, weights: tensors.under("").byteCount - encoding.byteCount,
                work: (2 * image + max(image, 4 * largest)) * MemoryLayout<Float>.size + pages)
        ]
    }
}
