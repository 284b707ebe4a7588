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
    public init(_ map: MetadataMap) throws(DalleError) {
        try map.requireOnly(["condition_scale", "top_k", "top_p", "temperature"])
        self.init()
        if map["condition_scale"] != nil { conditionScale = try map.number("condition_scale") }
        if map["top_k"] != nil { topK = try map.integer("top_k", in: 0...(1 << 24)) }
        if map["top_p"] != nil { topP = try map.number("top_p") }
        if map["temperature"] != nil { temperature = try map.number("temperature") }
        guard temperature > 0 else {
            throw DalleError(.badData, "is \(temperature), expected more than 0", item: "temperature")
        }
        guard topP >= 0 else { throw DalleError(.badData, "is \(topP), expected 0 or more", item: "top_p") }
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
        if let component = try file.component(.generation) {
            try self.init(component.configuration)
        } else {
            self.init()
        }
    }
}
