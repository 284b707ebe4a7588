import DalleFormat
import DalleModels

/// Reads what `ModelExport` wrote.
enum ExportedModel {
    /// The parts of the model in a directory; nil when it holds none that was exported.
    ///
    /// - Throws: `badData` naming file and tensor when something is missing, changed or left over.
    static func read(_ directory: String) throws(DalleError) -> [ImportedComponent]? {
        let path = "\(directory)/\(ModelExport.configurationName)"
        guard PathKind(directory) == .directory, PathKind(path) == .file else { return nil }
        let values = try JSONFile.object(path)
        guard values["model_type"] == .text(ModelExport.modelType) else { return nil }
        do throws(DalleError) {
            guard values["version"] == .integer(ModelExport.version) else {
                throw DalleError(
                    .badData, "is \(values["version"] ?? .null), expected \(ModelExport.version)",
                    remedy: "Use a newer version", item: "version")
            }
            guard case .list(let entries)? = values["parts"] else {
                throw DalleError(.badData, "is no list", item: "parts")
            }
            var parts: [ImportedComponent] = []
            for entry in entries { parts.append(try part(entry, directory, path)) }
            return parts
        } catch {
            throw error.located(file: path)
        }
    }

    private static func part(
        _ entry: JSONValue, _ directory: String, _ path: String
    ) throws(DalleError) -> ImportedComponent {
        guard case .map(let fields)? = entry.metadata, case .map(let configuration)? = fields["configuration"],
            case .list(let listed)? = fields["tensors"]
        else { throw DalleError(.badData, "a part without configuration or tensors", item: "parts") }
        let name = try fields.text("name")
        guard !name.contains("/") else { throw DalleError(.badData, "'\(name)' is no name of a part", item: "parts") }
        let kind = Component.Kind(try fields.text("kind"))
        guard Component.Kind.known.contains(kind) else {
            throw DalleError(
                .badData, "the part is of the kind '\(kind)', which this version does not know",
                remedy: "Use a newer version", item: name)
        }
        let component = Component(name: name, kind: kind, configuration: configuration)
        guard !listed.isEmpty else {
            try check(component, [])
            return ImportedComponent(component: component, tensors: [], files: [path])
        }

        let file = "\(directory)/\(ModelExport.fileName(component))"
        var found = try SafetensorsFile(try MappedFile(file)).tensors
        let isReadRepeatedly = try repeated(component)
        var tensors: [ImportedComponent.Tensor] = []
        for case .text(let tensor) in listed {
            guard let source = found.removeValue(forKey: tensor) else {
                throw DalleError(.badData, "is not there, and config.json lists it", file: file, item: tensor)
            }
            tensors.append(
                ImportedComponent.Tensor(
                    name: tensor, source: source, isReadRepeatedly: isReadRepeatedly(tensor),
                    isWeight: source.dtype.isFloatingPoint))
        }
        if let other = found.keys.min() {
            throw DalleError(.badData, "is not listed in config.json", file: file, item: other)
        }
        try check(component, tensors)
        return ImportedComponent(component: component, tensors: tensors, files: [file, path])
    }

    /// Holds a part's settings to their bounds and against its tensors, as whoever uses the part will.
    private static func check(_ component: Component, _ tensors: [ImportedComponent.Tensor]) throws(DalleError) {
        if component.kind == .generation { _ = try GenerationDefaults(component.configuration) }
        guard let type = PartKinds.standard[component.kind] else { return }
        try check(try type.init(component.configuration), component, tensors)
    }

    private static func check(
        _ configuration: some PartConfiguration, _ component: Component, _ tensors: [ImportedComponent.Tensor]
    ) throws(DalleError) {
        var unused = Dictionary(tensors.map { ($0.name, $0.source.shape) }) { first, _ in first }
        try configuration.forEachTensor { name, shape throws(DalleError) in
            let name = "\(component.name).\(name)"
            guard unused.removeValue(forKey: name) == shape else {
                throw DalleError(
                    .badData, "is not there with shape \(shape), and the configuration calls for it",
                    remedy: "Export the model again", item: name)
            }
        }
        if let name = unused.keys.min() {
            throw DalleError(
                .badData, "a tensor that the configuration does not call for, one of \(unused.count)",
                remedy: "Export the model again", item: name)
        }
    }

    /// The tensors that every sampled token reads again.
    private static func repeated(_ component: Component) throws(DalleError) -> (String) -> Bool {
        guard let settings = try PartKinds.standard[component.kind]?.init(component.configuration) else {
            return { _ in false }
        }
        return { settings.isReadRepeatedly(String($0.dropFirst(component.name.count + 1))) }
    }
}
