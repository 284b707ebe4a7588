import DalleFormat
import DalleKernels
import DalleModels

/// The tensors of a component by name, in the shapes that its configuration calls for.
struct ComponentTensors: Sendable {
    let context: ComputeContext
    let file: ModelFile
    let component: String
    /// In the order in which the configuration calls for them, which is about that of the computation.
    let names: [String]
    private let shapes: [String: Shape]

    /// - Throws: `badData` when the configuration leaves tensors of the component unused, `missingInput` when the route's products
    ///   are not there.
    init(
        _ file: ModelFile, _ component: Component, _ configuration: some PartConfiguration, _ context: ComputeContext
    ) throws(DalleError) {
        if context.route == .reference { try context.prepareReference() }
        var names: [String] = []
        var shapes: [String: Shape] = [:]
        try configuration.forEachTensor {
            names.append($0)
            shapes[$0] = $1
        }
        self.names = names
        self.shapes = shapes
        try file.requireOnly(names, of: component)
        self.file = file
        self.component = component.name
        self.context = context
    }

    /// The part of a kind, with its settings.
    ///
    /// - Parameter role: What the part is wanted for.
    /// - Throws: also `missingInput` when the file has no such part.
    static func load<Settings: PartConfiguration>(
        _ file: ModelFile, _ role: DalleModel.Role, _ context: ComputeContext
    ) throws(DalleError) -> (Settings, ComponentTensors) {
        guard let component = try file.component(Settings.kind) else { throw role.missing(in: file) }
        let settings: Settings = try file.configuration(of: component)
        return (settings, try ComponentTensors(file, component, settings, context))
    }

    func has(_ name: String) -> Bool { shapes[name] != nil }

    /// The name that a tensor has in the file.
    func fileName(_ name: String) -> String { "\(component).\(name)" }

    func callAsFunction(_ name: String) throws(DalleError) -> FloatTensor {
        try FloatTensor(file, fileName(name), shape: try shape(name), threads: context.threads)
    }

    /// A matrix as it lies in the file, for the fast route.
    func rows(_ name: String) throws(DalleError) -> WeightRows {
        try WeightRows(file, fileName(name), shape: try shape(name), threads: context.threads)
    }

    /// A table that is looked up by row, in its own type.
    func table(_ name: String, isReadRarely: Bool = false) throws(DalleError) -> EmbeddingTable {
        try EmbeddingTable(file, fileName(name), shape: try shape(name), isReadRarely: isReadRarely)
    }

    func shape(_ name: String) throws(DalleError) -> Shape {
        guard let shape = shapes[name] else {
            throw DalleError(.fault, "the configuration has no such tensor", file: file.path, item: name)
        }
        return shape
    }
}
