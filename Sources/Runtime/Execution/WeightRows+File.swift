import DalleFormat
import DalleKernels

extension WeightRows {
    /// A tensor's rows, an index of the first axis each: in the file's own pages when it is stored as it is.
    ///
    /// - Throws: `badData` when there is no such tensor, or it is damaged, of another shape or type, or has rows of more
    ///   numbers than sums of bytes can hold.
    init(_ file: ModelFile, _ name: String, shape: Shape, threads: Int) throws(DalleError) {
        guard let descriptor = file.descriptor(name), descriptor.shape == shape, shape.rank >= 2, shape.count > 0 else {
            let found = file.descriptor(name).map { "has shape \($0.shape)" } ?? "is not in the file"
            throw DalleError(
                .badData, "\(found), and the configuration calls for \(shape)", remedy: "Convert the checkpoint again",
                file: file.path, item: name)
        }
        let columns = shape.rowMajorStrides[0]
        guard columns <= Self.columnLimit else {
            throw DalleError(
                .badData, "has rows of \(columns) numbers; the kernels take \(Self.columnLimit)", file: file.path,
                item: name)
        }
        guard descriptor.dtype != .float64 else {
            // No kernel takes it, and no converter writes it any more.
            self.init(try FloatTensor(file, name, shape: shape, threads: threads))
            return
        }
        let bytes = try WeightBytes(file.bytes(of: name, threads: threads))
        let all = bytes.all
        if let packing = descriptor.packing {
            self.init(
                packing.coding == .int8 ? .int8 : .int4, rows: packing.rows, columns: packing.columns,
                stride: packing.stride, values: UnsafeRawBufferPointer(rebasing: all[..<packing.scalesOffset]),
                scales: UnsafeRawBufferPointer(rebasing: all[packing.scalesOffset...]), owner: bytes)
            return
        }
        let coding: Coding
        switch descriptor.dtype {
        case .float32: coding = .float32
        case .float16: coding = .float16
        case .bfloat16: coding = .bfloat16
        default:
            throw DalleError(
                .badData, "is of type \(descriptor.dtype.rawValue), expected floating-point numbers", file: file.path,
                item: name)
        }
        self.init(
            coding, rows: shape[0], columns: columns, stride: columns * descriptor.dtype.byteCount, values: all,
            owner: bytes)
    }

    /// Rows of a tensor that has been decoded to floats.
    init(_ tensor: FloatTensor) {
        let columns = tensor.shape.rowMajorStrides[0]
        let bytes = tensor.elements.withUnsafeBytes { $0 }
        self.init(
            .float32, rows: tensor.shape[0], columns: columns, stride: 4 * columns, values: bytes,
            owner: Decoded(tensor: tensor))
    }
}

/// Floats that were made for us: they stay.
private final class Decoded: WeightMemory {
    private let tensor: FloatTensor

    init(tensor: FloatTensor) { self.tensor = tensor }

    func release() {}
}

/// Keeps a tensor's bytes where they are, and gives mapped pages back to the system with the last user: a stage that is
/// over takes no memory.
private final class WeightBytes: WeightMemory {
    private let bytes: TensorBytes
    // Lies in `bytes`.
    nonisolated(unsafe) let all: UnsafeRawBufferPointer

    init(_ bytes: TensorBytes) {
        self.bytes = bytes
        all = bytes.withUnsafeBytes { $0 }
    }

    func release() { bytes.release() }

    deinit { release() }
}
