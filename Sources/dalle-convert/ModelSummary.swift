import CommandSupport
import DalleFormat

/// What `inspect` tells of a model file.
struct ModelSummary: Encodable {
    struct Part: Encodable {
        let name: String
        let kind: String
        let tensors: Int
        /// Tensor bytes before and after compression.
        let bytes: Int
        let stored: Int
        let configuration: MetadataJSON
    }

    struct Tensor: Encodable {
        let name: String
        let dtype: String
        let shape: [Int]
        let bytes: Int
        let stored: Int
    }

    let path: String
    let bytes: Int
    let root: String
    let metadata: MetadataJSON
    let parts: [Part]
    let tensors: [Tensor]?

    init(_ file: ModelFile, listsTensors: Bool) {
        path = file.path
        bytes = file.byteCount
        root = file.rootDigest
        metadata = MetadataJSON(.map(file.metadata))
        parts = file.components.map { component in
            let own = file.tensors.filter { $0.name.hasPrefix("\(component.name).") }
            return Part(
                name: component.name, kind: component.kind, tensors: own.count,
                bytes: own.reduce(0) { $0 + $1.byteCount }, stored: own.reduce(0) { $0 + $1.storedByteCount },
                configuration: MetadataJSON(.map(component.configuration)))
        }
        tensors =
            listsTensors
            ? file.tensors.map {
                Tensor(
                    name: $0.name, dtype: $0.dtype.rawValue, shape: $0.shape.extents, bytes: $0.byteCount,
                    stored: $0.storedByteCount)
            } : nil
    }

    var text: String {
        var lines = ["\(path): \(Readable.bytes(bytes)), root \(root)", "made: \(metadata.value)"]
        for part in parts {
            let ratio = part.bytes > 0 ? ", \(100 * part.stored / part.bytes) % of \(Readable.bytes(part.bytes))" : ""
            lines.append(
                "\(part.name): \(part.kind), \(part.tensors) tensors, \(Readable.bytes(part.stored))\(ratio)")
            lines.append("  \(part.configuration.value)")
        }
        for tensor in tensors ?? [] {
            lines.append("\(tensor.name) \(tensor.dtype) \(tensor.shape) \(tensor.stored) of \(tensor.bytes) bytes")
        }
        return lines.joined(separator: "\n")
    }
}

/// Metadata as JSON.
struct MetadataJSON: Encodable {
    let value: MetadataValue

    init(_ value: MetadataValue) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        switch value {
        case .bool(let value): try value.encode(to: encoder)
        case .integer(let value): try value.encode(to: encoder)
        case .number(let value): try value.encode(to: encoder)
        case .text(let value): try value.encode(to: encoder)
        case .list(let values): try values.map(MetadataJSON.init).encode(to: encoder)
        case .map(let map): try map.values.mapValues(MetadataJSON.init).encode(to: encoder)
        }
    }
}
