import DalleFormat

/// Reads the config.json of Hugging Face's CLIPModel; absent keys take that library's defaults.
struct CLIPConfig {
    static let fileName = "config.json"
    static let preprocessorName = "preprocessor_config.json"

    private let values: [String: JSONValue]
    private let path: String

    init(_ path: String) throws(DalleError) {
        self.path = path
        values = try JSONFile.object(path)
        guard values["model_type"] == .text("clip") else {
            throw DalleError(
                .badData, "is \(values["model_type"] ?? .null), expected \"clip\"",
                remedy: "Give a CLIP in Hugging Face's layout", file: path, item: "model_type")
        }
    }

    /// - Parameter preprocessor: the path of a preprocessor_config.json, which need not be there.
    func configuration(preprocessor: String) throws(DalleError) -> CLIPConfiguration {
        let text = Section(values, "text_config", path), vision = Section(values, "vision_config", path)
        guard try vision.integer("num_channels", 3) == 3 else {
            throw DalleError(.badData, "is not 3", file: path, item: "vision_config.num_channels")
        }
        var configuration = CLIPConfiguration(
            text: try text.tower(width: 512, heads: 8),
            vision: .transformer(
                try vision.tower(width: 768, heads: 12), patchSize: try vision.integer("patch_size", 32)),
            vocabulary: try text.integer("vocab_size", 49408),
            contextLength: try text.integer("max_position_embeddings", 77),
            imageSize: try vision.integer("image_size", 224),
            projectionWidth: try Section(values, nil, path).integer("projection_dim", 512))
        // Files of before 2023 say 2 and mean the position of the largest id.
        let end = try text.integer("eos_token_id", 49407)
        configuration.poolingToken = end == 2 ? nil : end
        if PathKind(preprocessor) == .file {
            let settings = Section(try JSONFile.object(preprocessor), nil, preprocessor)
            configuration.pixelMean = try settings.numbers("image_mean", configuration.pixelMean)
            configuration.pixelDeviation = try settings.numbers("image_std", configuration.pixelDeviation)
        }
        do throws(DalleError) {
            return try CLIPConfiguration(configuration.metadata)
        } catch {
            throw error.located(file: path)
        }
    }
}

/// An object of a configuration file.
private struct Section {
    private let values: [String: JSONValue]
    private let name: String?
    private let path: String

    init(_ values: [String: JSONValue], _ name: String?, _ path: String) {
        if let name, case .object(let section)? = values[name] {
            self.values = section
        } else {
            self.values = name == nil ? values : [:]
        }
        self.name = name
        self.path = path
    }

    func tower(width: Int, heads: Int) throws(DalleError) -> CLIPConfiguration.Tower {
        let epsilon = try number("layer_norm_eps", CLIPConfiguration.normEpsilon)
        guard epsilon == CLIPConfiguration.normEpsilon else {
            throw mismatch("layer_norm_eps", "\(CLIPConfiguration.normEpsilon)")
        }
        let names: [String: Activation] = ["quick_gelu": .quickGELU, "gelu": .gelu, "gelu_new": .geluTanh]
        guard case .text(let activation) = values["hidden_act"] ?? .text("quick_gelu"), let known = names[activation]
        else { throw mismatch("hidden_act", "one of \(names.keys.sorted().joined(separator: ", "))") }
        return CLIPConfiguration.Tower(
            width: try integer("hidden_size", width), layers: try integer("num_hidden_layers", 12),
            heads: try integer("num_attention_heads", heads),
            feedForwardWidth: try integer("intermediate_size", 4 * width), activation: known)
    }

    func integer(_ key: String, _ absent: Int) throws(DalleError) -> Int {
        switch values[key] {
        case nil, .null?: return absent
        case .integer(let value)?: return value
        default: throw mismatch(key, "an integer")
        }
    }

    func number(_ key: String, _ absent: Double) throws(DalleError) -> Double {
        switch values[key] {
        case nil, .null?: return absent
        case .integer(let value)?: return Double(value)
        case .number(let value)?: return value
        default: throw mismatch(key, "a number")
        }
    }

    func numbers(_ key: String, _ absent: [Double]) throws(DalleError) -> [Double] {
        guard let value = values[key], value != .null else { return absent }
        guard case .list(let items) = value else { throw mismatch(key, "a list of numbers") }
        var numbers: [Double] = []
        for item in items {
            switch item {
            case .integer(let integer): numbers.append(Double(integer))
            case .number(let number): numbers.append(number)
            default: throw mismatch(key, "a list of numbers")
            }
        }
        return numbers
    }

    private func mismatch(_ key: String, _ expected: String) -> DalleError {
        let item = name.map { "\($0).\(key)" } ?? key
        return DalleError(.badData, "is \(values[key] ?? .null), expected \(expected)", file: path, item: item)
    }
}
