import DalleFormat

/// Reads what `ModelExport` wrote.
enum ExportedModel {
    /// The parts of the model in a directory; nil when it holds none that was exported.
    ///
    /// - Throws: `badData` naming file and tensor when something is missing, changed or left over.
    static func read(_ directory: String) throws(DalleError) -> [ImportedPart]? {
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
            var parts: [ImportedPart] = []
            for entry in entries { parts.append(try part(entry, directory, path)) }
            return parts
        } catch {
            throw error.located(file: path)
        }
    }

    private static func part(
        _ entry: JSONValue, _ directory: String, _ path: String
    ) throws(DalleError) -> ImportedPart {
        guard case .map(let fields)? = entry.metadata, case .map(let configuration)? = fields["configuration"],
            case .list(let listed)? = fields["tensors"]
        else { throw DalleError(.badData, "a part without configuration or tensors", item: "parts") }
        let name = try fields.text("name")
        guard !name.contains("/") else { throw DalleError(.badData, "'\(name)' is no name of a part", item: "parts") }
        guard let kind = Component.Kind(rawValue: try fields.text("kind")) else {
            throw DalleError(
                .badData, "the part is of the kind '\(try fields.text("kind"))', which this version does not know",
                remedy: "Use a newer version", item: name)
        }
        let component = Component(name: name, kind: kind, configuration: configuration)
        guard !listed.isEmpty else { return ImportedPart(component: component, tensors: [], files: [path]) }

        let file = "\(directory)/\(ModelExport.fileName(component))"
        var found = try SafetensorsFile(try MappedFile(file)).tensors
        let inDecoder = try decoderTensors(component)
        var tensors: [ImportedPart.Tensor] = []
        for case .text(let tensor) in listed {
            guard let source = found.removeValue(forKey: tensor) else {
                throw DalleError(.badData, "is not there, and config.json lists it", file: file, item: tensor)
            }
            tensors.append(
                ImportedPart.Tensor(
                    name: tensor, source: source, isReadRepeatedly: inDecoder.contains(tensor),
                    isWeight: source.dtype.isFloatingPoint))
        }
        if let other = found.keys.min() {
            throw DalleError(.badData, "is not listed in config.json", file: file, item: other)
        }
        return ImportedPart(component: component, tensors: tensors, files: [file, path])
    }

    /// The tensors that every drawn code reads again.
    private static func decoderTensors(_ component: Component) throws(DalleError) -> Set<String> {
        guard component.kind == Component.Kind.dalleBart.rawValue else { return [] }
        let configuration = try BartConfiguration(component.configuration)
        return Set(try configuration.tensors().filter(\.isInDecoder).map { "\(component.name).\($0.name)" })
    }
}
