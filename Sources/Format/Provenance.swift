/// Where a model file comes from: the files it was made of, and what was done, in order.
public struct Provenance: Sendable, Equatable {
    /// A file that was read.
    public struct Source: Sendable, Equatable {
        /// Without its directory.
        public let name: String
        public let byteCount: Int
        /// XXH3-128 of the whole file, as `xxhsum -H2` prints it.
        public let digest: String

        public init(name: String, byteCount: Int, digest: Digest) {
            self.name = name
            self.byteCount = byteCount
            self.digest = digest.description
        }
    }

    /// What a command did.
    public struct Step: Sendable, Equatable {
        /// `convert flax`, `quantize float16`, `merge`.
        public let action: String
        /// The program and its version.
        public let tool: String
        /// What was asked of it.
        public let options: MetadataMap

        public init(_ action: String, options: MetadataMap = MetadataMap()) {
            self.action = action
            tool = "swift-dalle \(packageVersion)"
            self.options = options
        }
    }

    public private(set) var sources: [Source] = []
    public private(set) var steps: [Step] = []

    public init() {}

    /// Adds what another file was made of and how, where it is not there yet.
    public mutating func add(_ other: Provenance) {
        for source in other.sources { add(source) }
        steps += other.steps.filter { !steps.contains($0) }
    }

    public mutating func add(_ source: Source) {
        if !sources.contains(source) { sources.append(source) }
    }

    public mutating func add(_ step: Step) { steps.append(step) }
}

extension Provenance {
    /// What a model file's metadata says; entries of another form, from another program, are passed over.
    public init(_ metadata: MetadataMap) {
        if case .list(let values)? = metadata["sources"] {
            sources = values.compactMap { if case .map(let map) = $0 { Source(map) } else { nil } }
        }
        if case .list(let values)? = metadata["steps"] {
            steps = values.compactMap { Step($0) }
        }
    }

    /// As it stands in a model file.
    public var metadata: MetadataMap {
        MetadataMap(["sources": .list(sources.map(\.metadata)), "steps": .list(steps.map(\.metadata))])
    }
}

extension Provenance.Source {
    fileprivate init?(_ map: MetadataMap) {
        guard case .text(let name)? = map["name"], case .integer(let byteCount)? = map["bytes"],
            case .text(let digest)? = map["xxh3_128"]
        else { return nil }
        self.name = name
        self.byteCount = byteCount
        self.digest = digest
    }

    fileprivate var metadata: MetadataValue {
        ["name": .text(name), "bytes": .integer(byteCount), "xxh3_128": .text(digest)]
    }
}

extension Provenance.Step {
    /// A text alone is an action of a program that says no more.
    fileprivate init?(_ value: MetadataValue) {
        if case .text(let action) = value {
            self.action = action
            tool = "unknown"
            options = MetadataMap()
            return
        }
        guard case .map(let map) = value, case .text(let action)? = map["action"], case .text(let tool)? = map["tool"],
            case .map(let options)? = map["options"]
        else { return nil }
        self.action = action
        self.tool = tool
        self.options = options
    }

    fileprivate var metadata: MetadataValue {
        ["action": .text(action), "tool": .text(tool), "options": .map(options)]
    }
}
