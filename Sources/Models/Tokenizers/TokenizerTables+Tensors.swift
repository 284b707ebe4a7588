public import DalleFormat

extension TokenizerTables {
    /// The kind of tokenizer these tables are of.
    private var kind: Component.Kind { wordEnds.isEmpty ? .byteLevelBPE : .clipBPE }

    /// The name of the part that a converter writes.
    public var componentName: String { wordEnds.isEmpty ? "tokenizer" : "clip_tokenizer" }

    /// Far above any vocabulary; what a damaged file may make a reader allocate.
    private static let largestTensor = 64 << 20

    /// The part as it stands in a model file, without its tensors.
    public var component: Component {
        Component(
            name: componentName, kind: kind,
            configuration: MetadataMap([
                "begin_token": .integer(beginToken),
                "end_token": .integer(endToken),
                "pad_token": .integer(padToken),
                "special_tokens": .list(
                    specials.map {
                        ["id": .integer($0.id), "text": .text($0.text), "strips_left": .bool($0.stripsLeft)]
                    }),
            ]))
    }

    /// The tensors to write, with their full names.
    ///
    /// - Throws: `badData` when the tables contradict themselves.
    public func tensors() throws(DalleError) -> [(name: String, source: BytesSource)] {
        try validate()
        var ends: [UInt32] = []
        var end = 0
        for token in tokens {
            end += token.count
            ends.append(UInt32(truncatingIfNeeded: end))
        }
        guard end <= Self.largestTensor else { throw DalleError(.badData, "the tokens take \(end) bytes") }
        let merges = merges.flatMap { [$0.left, $0.right, $0.result] }
        let prefix = componentName + "."
        var tensors = [
            (prefix + "tokens", try BytesSource(Array(tokens.joined()))),
            (prefix + "token_ends", try BytesSource(ends, shape: Shape([ends.count]))),
            (
                prefix + "merges",
                try BytesSource(merges.map { UInt32(truncatingIfNeeded: $0) }, shape: Shape([merges.count / 3, 3]))
            ),
        ]
        if !wordEnds.isEmpty {
            tensors.append(
                (prefix + "word_ends", try BytesSource(tokens.indices.map { wordEnds.contains($0) ? 1 : 0 })))
        }
        return tensors
    }

    /// The tokenizer of a kind of a model file; nil when it has none.
    ///
    /// - Throws: `badData` when its tables are damaged or contradict themselves.
    public init?(_ file: ModelFile, kind: Component.Kind = .byteLevelBPE) throws(DalleError) {
        guard let component = try file.component(kind) else { return nil }
        do throws(DalleError) {
            let prefix = component.name + "."
            let names = ["tokens", "token_ends", "merges"] + (kind == .clipBPE ? ["word_ends"] : [])
            try file.requireOnly(names, of: component)
            let bytes = try Self.bytes(prefix + "tokens", .uint8, rank: 1, in: file)
            let ends = try Self.integers(prefix + "token_ends", rank: 1, in: file)
            let merges = try Self.integers(prefix + "merges", rank: 2, in: file)
            try self.init(
                tokens: Self.split(bytes, at: ends, name: prefix + "token_ends"),
                merges: stride(from: 0, to: merges.count, by: 3).map {
                    Merge(left: merges[$0], right: merges[$0 + 1], result: merges[$0 + 2])
                },
                configuration: component.configuration)
            if kind == .clipBPE {
                let marks = try Self.bytes(prefix + "word_ends", .uint8, rank: 1, in: file)
                guard marks.count == tokens.count else {
                    throw DalleError(
                        .badData, "\(marks.count) marks for \(tokens.count) tokens", item: prefix + "word_ends")
                }
                wordEnds = Set(marks.indices.filter { marks[$0] != 0 })
            }
            try validate()
        } catch {
            throw error.located(file: file.path, item: component.name)
        }
    }

    private init(tokens: [[UInt8]], merges: [Merge], configuration: MetadataMap) throws(DalleError) {
        try configuration.requireOnly(["begin_token", "end_token", "pad_token", "special_tokens"])
        let ids = 0...max(tokens.count - 1, 0)
        guard case .list(let values) = configuration["special_tokens"] else {
            throw DalleError(.badData, "is not a list", item: "special_tokens")
        }
        var specials: [Special] = []
        for value in values {
            guard case .map(let map) = value else {
                throw DalleError(.badData, "holds \(value), expected a map", item: "special_tokens")
            }
            try map.requireOnly(["id", "text", "strips_left"])
            specials.append(
                Special(
                    id: try map.integer("id", in: ids), text: try map.text("text"),
                    stripsLeft: try map.bool("strips_left")))
        }
        self.init(
            tokens: tokens, merges: merges, specials: specials,
            beginToken: try configuration.integer("begin_token", in: ids),
            endToken: try configuration.integer("end_token", in: ids),
            padToken: try configuration.integer("pad_token", in: ids))
    }

    private static func split(_ bytes: [UInt8], at ends: [Int], name: String) throws(DalleError) -> [[UInt8]] {
        var tokens: [[UInt8]] = []
        var start = 0
        for end in ends {
            guard end >= start, end <= bytes.count else {
                throw DalleError(
                    .badData, "token \(tokens.count) ends at \(end), expected \(start) to \(bytes.count)", item: name)
            }
            tokens.append(Array(bytes[start..<end]))
            start = end
        }
        guard start == bytes.count else {
            throw DalleError(.badData, "\(bytes.count - start) bytes belong to no token", item: name)
        }
        return tokens
    }

    private static func integers(_ name: String, rank: Int, in file: ModelFile) throws(DalleError) -> [Int] {
        let bytes = try bytes(name, .uint32, rank: rank, in: file)
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            (0..<4).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
        }
    }

    private static func bytes(
        _ name: String, _ dtype: DType, rank: Int, in file: ModelFile
    ) throws(DalleError) -> [UInt8] {
        guard let tensor = file.descriptor(name) else {
            throw DalleError(.badData, "the tensor is missing", remedy: "Convert the checkpoint again", item: name)
        }
        let shape = tensor.shape
        guard tensor.dtype == dtype, shape.rank == rank, rank == 1 || shape[1] == 3, tensor.byteCount <= largestTensor
        else {
            let expected = rank == 1 ? "[n]" : "[n, 3]"
            throw DalleError(
                .badData, "is \(tensor.dtype.rawValue) \(shape), expected \(dtype.rawValue) \(expected)", item: name)
        }
        return try file.bytes(of: name).withUnsafeBytes { Array($0) }
    }
}
