public import DalleFormat

/// How codes are drawn when the user does not say otherwise.
public struct GenerationDefaults: Sendable, Equatable {
    /// Weight of the prompt against no prompt; 1 is the plain model.
    public var conditionScale = 10.0
    /// Only the k likeliest codes are drawn from; 0 draws from all.
    public var topK = 50
    /// Only the likeliest codes that together reach this probability; 1 draws from all.
    public var topP = 1.0
    public var temperature = 1.0

    /// dalle-mini's own: its notebook's condition scale, and what its `generate` takes when nothing is given.
    public init() {}
}

extension GenerationDefaults {
    // What logits can be computed with and stay numbers; the same for files and for whoever calls.
    public static let conditionScales = -1e6...1e6
    public static let topKs = 0...Int.max
    public static let topPs = 0.0...1.0
    public static let temperatures = 1e-6...1e6

    /// - Throws: `badData` with the setting's name when one is out of bounds.
    public init(_ map: MetadataMap) throws(DalleError) {
        try map.requireOnly(["condition_scale", "top_k", "top_p", "temperature"])
        self.init()
        func number(_ name: String, in range: ClosedRange<Double>, else value: Double) throws(DalleError) -> Double {
            guard map[name] != nil else { return value }
            let value = try map.number(name)
            guard range.contains(value) else {
                throw DalleError(
                    .badData, "is \(value), expected from \(range.lowerBound) to \(range.upperBound)", item: name)
            }
            return value
        }
        conditionScale = try number("condition_scale", in: Self.conditionScales, else: conditionScale)
        if map["top_k"] != nil { topK = try map.integer("top_k", in: Self.topKs) }
        topP = try number("top_p", in: Self.topPs, else: topP)
        temperature = try number("temperature", in: Self.temperatures, else: temperature)
    }

    public var metadata: MetadataMap {
        MetadataMap([
            "condition_scale": .number(conditionScale), "top_k": .integer(topK), "top_p": .number(topP),
            "temperature": .number(temperature),
        ])
    }
}

extension GenerationDefaults {
    /// What a model file says, else upstream's.
    public init(_ file: ModelFile) throws(DalleError) {
        guard let component = try file.component(.generation) else {
            self.init()
            return
        }
        do throws(DalleError) {
            try file.requireOnly([], of: component)
            try self.init(component.configuration)
        } catch {
            throw error.located(file: file.path, item: component.name)
        }
    }
}
