extension ModelFile {
    /// What the model is, whatever way it came and however it is compressed: equal contents compute the same.
    ///
    /// XXH3-128 of the components (name, kind, configuration) and the tensors (name, type, layout, shape, digest), each
    /// sorted by name and encoded as in the index. Provenance, chunks and the order in the file have no part in it.
    public var content: Digest {
        var writer = ByteWriter()
        writer.list(components.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) { $0.component($1) }
        writer.list(tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            $0.identity($1)
            $0.append($1.digest.bytes)
        }
        return Digest(of: writer.bytes)
    }
}
