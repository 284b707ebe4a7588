extension ModelFile {
    /// Refuses a part with tensors that nobody asks for: settings that leave some out make another model of the others.
    ///
    /// - Parameter names: What the part's settings call for, without its own name.
    /// - Throws: `badData` naming the first that is left over.
    public func requireOnly(_ names: some Sequence<String>, of component: Component) throws(DalleError) {
        let known = Set(names.map { "\(component.name).\($0)" })
        let left = tensors(of: component).filter { !known.contains($0.name) }
        guard let first = left.first else { return }
        let more = left.count > 1 ? ", nor for \(left.count - 1) more" : ""
        throw DalleError(
            .badData, "the settings of the part '\(component.name)' do not call for this tensor\(more)",
            remedy: "Convert the checkpoint again: settings and tensors do not belong together", file: path,
            item: first.name)
    }
}
