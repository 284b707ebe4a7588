import DalleFormat
import DalleModels

/// Sampling settings as Hugging Face files spell them: a generation_config.json or a part of config.json.
struct GenerationSettings {
    static let fileName = "generation_config.json"

    /// Upstream's defaults, changed by the keys that are there; nil when none is.
    let defaults: GenerationDefaults?

    init(_ values: [String: JSONValue], path: String) throws(DalleError) {
        var map = MetadataMap()
        for key in ["condition_scale", "top_k", "top_p", "temperature"] {
            switch values[key] {
            case nil, .null?: continue
            case .integer(let value)?: map[key] = .integer(value)
            case .number(let value)?: map[key] = .number(value)
            case let value?: throw DalleError(.badData, "is \(value), expected a number", file: path, item: key)
            }
        }
        do throws(DalleError) {
            defaults = map.names.isEmpty ? nil : try GenerationDefaults(map)
        } catch {
            throw error.located(file: path)
        }
    }
}
