extension ModelFile {
    /// What the model is, whatever way it came and however it is compressed: equal contents compute the same.
    ///
    /// XXH3-128 of the components (name, kind, configuration) and the tensors (name, type, layout, shape, digest), each
    /// sorted by name and encoded as in the index, but a whole number of the configurations always as an integer.
    /// Provenance, chunks and the order in the file have no part in it.
    public var content: Digest {
        var writer = ByteWriter()
        writer.list(components.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            $0.text($1.name)
            $0.text($1.kind.rawValue)
            $0.value(MetadataValue.map($1.configuration).withWholeNumbersAsIntegers)
        }
        writer.list(tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            $0.identity($1)
            $0.append($1.digest.bytes)
        }
        return Digest(of: writer.bytes)
    }
}

extension MetadataValue {
    /// JSON, which models are exported with, does not tell 1.0 from 1.
    fileprivate var withWholeNumbersAsIntegers: MetadataValue {
        switch self {
        case .number(let value): Int(exactly: value).map { .integer($0) } ?? self
        case .list(let values): .list(values.map(\.withWholeNumbersAsIntegers))
        case .map(let map): .map(MetadataMap(map.values.mapValues(\.withWholeNumbersAsIntegers)))
        default: self
        }
    }
}
