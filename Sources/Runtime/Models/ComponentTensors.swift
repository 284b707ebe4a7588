import DalleFormat
import DalleKernels

/// The tensors of a component by name, in the shapes that its configuration calls for.
struct ComponentTensors: Sendable {
    let context: ComputeContext
    let file: ModelFile
    let component: String
    /// In the order in which the configuration calls for them, which is about that of the computation.
    let names: [String]
    private let shapes: [String: Shape]

    /// - Parameter shapes: reads the component's configuration.
    /// - Throws: `badData` when the configuration is not understood, or leaves tensors of the component unused.
    init(
        _ file: ModelFile, _ component: Component, _ context: ComputeContext,
        shapes: (MetadataMap) throws(DalleError) -> [(String, Shape)]
    ) throws(DalleError) {
        do throws(DalleError) {
            let list = try shapes(component.configuration)
            names = list.map(\.0)
            self.shapes = Dictionary(uniqueKeysWithValues: list)
            try file.requireOnly(names, of: component)
        } catch {
            throw error.located(file: file.path, item: component.name)
        }
        self.file = file
        self.component = component.name
        self.context = context
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
