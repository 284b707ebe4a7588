import DalleThreads

extension ModelFile {
    /// Bytes that are looked at together where chunks are of another size.
    private static let pieceByteCount = 1 << 20

    /// Looks at every floating-point number of a tensor as it lies in the file; of integers, at their scales.
    ///
    /// - Throws: `badData` naming the row and the number when one is infinite or none, or when a chunk is damaged.
    public func requireFinite(_ tensor: TensorDescriptor, threads: Int = 1) throws(DalleError) {
        if let fault = try nonFinite(tensor, threads: threads) {
            throw fault.error(remedy: "Convert the checkpoint again; --allow-nonfinite takes it along")
                .located(file: path, item: tensor.name)
        }
    }

    /// The first number of a tensor that is infinite or none.
    public func nonFinite(_ tensor: TensorDescriptor, threads: Int = 1) throws(DalleError) -> NumberFault? {
        guard tensor.dtype.isFloatingPoint, TensorDescriptor.Layout.known.contains(tensor.layout) else { return nil }
        // Integers are numbers whatever they are.
        let start = tensor.packing?.scalesOffset ?? 0
        let size = tensor.dtype.byteCount
        // Whole chunks, so that each is decoded once.
        let chunk = tensor.chunkByteCount
        let step = chunk % size == 0 ? chunk * max(Self.pieceByteCount / chunk, 1) : Self.pieceByteCount
        let first = start / step
        let found = Collected<(Int, NumberFault)>()
        try Parallel.forEach((tensor.byteCount + step - 1) / step - first, threads: threads) { i throws(DalleError) in
            let range = max((first + i) * step, start)..<min((first + i + 1) * step, tensor.byteCount)
            let bytes = try bytes(of: tensor.name, range)
            defer { bytes.release() }
            guard let index = tensor.dtype.firstNonFinite(bytes.buffer) else { return }
            let element = UnsafeRawBufferPointer(rebasing: bytes.buffer[index * size..<(index + 1) * size])
            let number = (range.lowerBound - start) / size + index
            found.append((number, NumberFault(element, of: tensor, number)))
        }
        return found.items.min { $0.0 < $1.0 }?.1
    }

    /// - Throws: `badData` when the file has been replaced or written to since it was opened.
    public func requireUnchanged() throws(DalleError) { try file.requireUnchanged() }
}

extension NumberFault {
    /// - Parameter number: An element's index, or of integers that of a scale.
    fileprivate init(_ bytes: UnsafeRawBufferPointer, of tensor: TensorDescriptor, _ number: Int) {
        let perRow = tensor.packing?.columns ?? 1
        self.init(bytes, of: tensor.dtype, element: number * perRow, in: tensor.shape, becoming: tensor.dtype)
    }
}
