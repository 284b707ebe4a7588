public import DalleFormat

/// The settings of a part with weights: they say which tensors it has.
public protocol PartConfiguration: Sendable {
    static var kind: Component.Kind { get }

    /// - Throws: `badData` when a setting is missing, unknown or out of bounds.
    init(_ map: MetadataMap) throws(DalleError)

    /// Calls `body` with the name, without the part's, and the shape of every tensor, in the order they are written.
    ///
    /// - Throws: what `body` does, and `badData` for a shape that is too large to exist.
    func forEachTensor(_ body: (String, Shape) throws(DalleError) -> Void) throws(DalleError)

    /// Whether a tensor is read again for every token that is sampled.
    func isReadRepeatedly(_ tensor: String) -> Bool

    /// What the part takes while images are made.
    func memory(_ tensors: PartTensors, _ run: RunMemory.Run) -> [RunMemory.Stage]
}

extension PartConfiguration {
    public func isReadRepeatedly(_: String) -> Bool { false }

    public func memory(_: PartTensors, _: RunMemory.Run) -> [RunMemory.Stage] { [] }
}

extension ModelFile {
    /// The configuration of a part, held against the tensors that there are: what is then allocated for its counts is not more
    /// than the file has tensors for.
    ///
    /// - Throws: `badData` when a setting is not understood, or a tensor is missing or of another shape: the first one, by name.
    public func configuration<Configuration: PartConfiguration>(
        of component: Component, as _: Configuration.Type = Configuration.self
    ) throws(DalleError) -> Configuration {
        do throws(DalleError) {
            let configuration = try Configuration(component.configuration)
            // Ends at the first that is missing: a count costs no more than the tensors there are.
            try configuration.forEachTensor { name, shape throws(DalleError) in
                let name = "\(component.name).\(name)"
                guard let tensor = descriptor(name), tensor.shape == shape else {
                    let found = descriptor(name).map { "has shape \($0.shape)" } ?? "is not in the file"
                    throw DalleError(
                        .badData, "\(found), and the configuration calls for \(shape)",
                        remedy: "Convert the checkpoint again", item: name)
                }
            }
            return configuration
        } catch {
            throw error.located(file: path, item: component.name)
        }
    }
}
