import DalleFormat

/// Writes tensors of a model file as a safetensors file.
///
/// Format: github.com/huggingface/safetensors. Larger elements come first, so that each lies on its own boundary.
struct SafetensorsWriter {
    private static let types: [DType: String] = [
        .float64: "F64", .float32: "F32", .float16: "F16", .bfloat16: "BF16", .int64: "I64", .int32: "I32",
        .int16: "I16", .int8: "I8", .uint64: "U64", .uint32: "U32", .uint16: "U16", .uint8: "U8", .bool: "BOOL",
    ]

    private let file: ModelFile
    private let tensors: [TensorDescriptor]

    init(_ file: ModelFile, _ tensors: [TensorDescriptor]) {
        self.file = file
        self.tensors =
            tensors.enumerated().sorted {
                ($1.element.dtype.byteCount, $0.offset) < ($0.element.dtype.byteCount, $1.offset)
            }.map(\.element)
    }

    func write(
        to path: String, replacing: Bool, threads: Int, progress: (Int) -> Void
    ) throws(DalleError) {
        let output = try AtomicFile(path, replacing: replacing)
        let header = header
        try output.append((0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header)
        for tensor in tensors {
            if tensor.packing == nil {
                let bytes = try file.bytes(of: tensor.name, threads: threads)
                try bytes.withUnsafeBytes { bytes throws(DalleError) in try output.append(bytes) }
                bytes.release()
            } else {
                // Integers with scales, as the floats they stand for.
                let floats = try FloatTensor(file, tensor.name, shape: tensor.shape, threads: threads)
                try floats.elements.withUnsafeBufferPointer { floats throws(DalleError) in
                    try output.append(UnsafeRawBufferPointer(floats))
                }
            }
            progress(tensor.plainByteCount)
        }
        try output.commit()
    }

    /// JSON, padded so that the data starts on a boundary of eight bytes.
    private var header: [UInt8] {
        var entries = ["\"__metadata__\":{\"format\":\"swift-dalle\"}"]
        var end = 0
        for tensor in tensors {
            let start = end
            end += tensor.plainByteCount
            let extents = tensor.shape.extents.map(String.init).joined(separator: ",")
            entries.append(
                "\(MetadataValue.text(tensor.name).json()):{\"dtype\":\"\(Self.types[tensor.dtype] ?? "")\","
                    + "\"shape\":[\(extents)],\"data_offsets\":[\(start),\(end)]}")
        }
        var header = Array("{\(entries.joined(separator: ","))}".utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        return header
    }
}
