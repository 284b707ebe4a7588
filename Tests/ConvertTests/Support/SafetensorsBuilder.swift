import DalleFormat
import Foundation

@testable import DalleConvert

/// A safetensors file of tensors that come from elsewhere, under other names.
enum SafetensorsBuilder {
    private static let types: [DType: String] = [
        .float16: "F16", .float32: "F32", .bfloat16: "BF16", .int64: "I64", .int32: "I32", .uint8: "U8",
    ]

    static func write(_ tensors: [String: CheckpointTensor], to path: String) throws {
        var header: [String: Any] = [:]
        var data = Data()
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let bytes = try tensor.bytes()
            header[name] = [
                "dtype": types[tensor.dtype] ?? "", "shape": tensor.shape.extents,
                "data_offsets": [data.count, data.count + bytes.count],
            ]
            data += bytes
        }
        let json = try JSONSerialization.data(withJSONObject: header)
        var count = UInt64(json.count).littleEndian
        try (Data(bytes: &count, count: 8) + json + data).write(to: URL(filePath: path))
    }
}

extension TensorSource {
    /// All elements, as they are.
    func bytes() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: shape.byteCount(dtype))
        try bytes.withUnsafeMutableBytes { try read(0..<shape.count, into: $0) }
        return bytes
    }
}

extension ImportedComponent {
    /// Whether another part has the same configuration and the same numbers.
    func hasSameContent(as other: ImportedComponent) throws -> Bool {
        guard component == other.component, tensors.count == other.tensors.count else { return false }
        for (a, b) in zip(tensors, other.tensors) {
            guard a.name == b.name, a.source.shape == b.source.shape, a.source.dtype == b.source.dtype,
                try a.source.bytes() == b.source.bytes()
            else { return false }
        }
        return true
    }
}
