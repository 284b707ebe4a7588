import CommandSupport
import DalleFormat
import DalleModels

/// What `inspect` tells of a model file.
struct ModelSummary: Encodable {
    struct Part: Encodable {
        let name: String
        let kind: String
        let tensors: Int
        /// Tensor bytes before and after compression.
        let bytes: Int
        let stored: Int
        /// Tensor bytes before compression by element type.
        let types: [String: Int]
        let configuration: MetadataJSON
    }

    struct Tensor: Encodable {
        let name: String
        let dtype: String
        let shape: [Int]
        let layout: String
        let bytes: Int
        let stored: Int
        let digest: String
    }

    /// What a stage of a run takes.
    struct Memory: Encodable {
        let stage: String
        let weights: Int
        let work: Int
    }

    let path: String
    let bytes: Int
    let root: String
    let content: String
    let metadata: MetadataJSON
    let parts: [Part]
    /// For one picture; none when a configuration is not understood.
    let memory: [Memory]?
    /// The most of it at a time.
    let peakMemory: Int?
    let tensors: [Tensor]?

    enum CodingKeys: String, CodingKey {
        case path, bytes, root, content, metadata, parts, memory, tensors
        case peakMemory = "peak_memory"
    }

    init(_ file: ModelFile, listsTensors: Bool) {
        path = file.path
        bytes = file.byteCount
        root = file.rootDigest
        content = file.content.description
        metadata = MetadataJSON(.map(file.metadata))
        parts = file.components.map { component in
            let own = file.tensors(of: component)
            let types = Dictionary(own.map { ($0.dtype.rawValue, $0.byteCount) }, uniquingKeysWith: +)
            return Part(
                name: component.name, kind: component.kind.rawValue, tensors: own.count,
                bytes: own.reduce(0) { $0 + $1.byteCount }, stored: own.reduce(0) { $0 + $1.storedByteCount },
                types: types, configuration: MetadataJSON(.map(component.configuration)))
        }
        let run = try? RunMemory(file)
        peakMemory = run?.peakByteCount()
        memory = run?.stages.map {
            Memory(stage: $0.name, weights: $0.weightByteCount, work: $0.workByteCount)
        }
        tensors =
            listsTensors
            ? file.tensors.map {
                Tensor(
                    name: $0.name, dtype: $0.dtype.rawValue, shape: $0.shape.extents, layout: $0.layout.description,
                    bytes: $0.byteCount, stored: $0.storedByteCount, digest: $0.digest.description)
            } : nil
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
