import DalleFormat
import DalleModels

/// How transformers' CLIPImageProcessor prepares pictures, as the files beside a checkpoint say.
struct CLIPPreprocessing {
    private let settings: SettingsObject

    var file: String { settings.file }

    /// What transformers 5 writes for a whole processor, and what an image processor by itself is saved as.
    private static let names = ["processor_config.json", "preprocessor_config.json"]

    /// - Returns: nil when no file says anything.
    init?(beside source: String) throws(DalleError) {
        for name in Self.names {
            let path = CheckpointFiles.beside(source, name)
            guard PathKind(path) == .file else { continue }
            let whole = try SettingsObject(file: path)
            if let settings = name == Self.names[0] ? try whole.object("image_processor") : whole {
                self.settings = settings
                return
            }
        }
        return nil
    }

    /// Puts what the file says into a configuration, and refuses what pictures are not prepared by here.
    func apply(to configuration: inout CLIPConfiguration) throws(DalleError) {
        try settings.requireOnly(
            Self.used.union(Self.withoutEffect), remedy: "If it does not change the pixels, take it out of the file")
        for key in ["image_processor_type", "feature_extractor_type"] {
            guard try settings.text(key, "CLIP").contains("CLIP") else {
                throw settings.mismatch(key, "CLIP's: other processors have other defaults")
            }
        }
        for key in ["do_resize", "do_center_crop"] { try settings.require(key, .bool(true)) }
        for key in ["do_pad", "default_to_square", "use_square_size"] { try settings.require(key, .bool(false)) }
        try settings.require("resample", .integer(3), .text("bicubic"), .text("BICUBIC"))
        try requireSize("size", ["shortest_edge"], configuration.imageSize)
        try requireSize("crop_size", ["height", "width"], configuration.imageSize)

        var mean = [0.0, 0, 0], deviation = [1.0, 1, 1]
        if try settings.bool("do_normalize", true) {
            mean = try settings.colours("image_mean", configuration.pixelMean)
            deviation = try settings.colours("image_std", configuration.pixelDeviation)
        }
        guard deviation.allSatisfy({ $0 > 0 }) else { throw settings.mismatch("image_std", "numbers above 0") }
        // A configuration's mean and deviation are of pixels from 0 to 1, those here of what rescaling gives.
        let usual = 1.0 / 255
        let factor = try settings.bool("do_rescale", true) ? try settings.number("rescale_factor", usual) : 1
        guard factor > 0, factor.isFinite else { throw settings.mismatch("rescale_factor", "a number above 0") }
        if abs(factor / usual - 1) > 1e-9 {
            mean = mean.map { $0 * usual / factor }
            deviation = deviation.map { $0 * usual / factor }
        }
        configuration.pixelMean = mean
        configuration.pixelDeviation = deviation
    }

    /// Refuses an edge that is not the one the model takes; one number stands for all keys.
    private func requireSize(_ key: String, _ keys: Set<String>, _ edge: Int) throws(DalleError) {
        guard settings.has(key), settings.values[key] != .integer(edge) else { return }
        guard case .object(let sizes)? = settings.values[key], Set(sizes.keys) == keys,
            sizes.values.allSatisfy({ $0 == .integer(edge) })
        else {
            let found: String
            if case .object(let sizes)? = settings.values[key] {
                found = sizes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            } else {
                found = "\(settings.values[key] ?? .null)"
            }
            throw DalleError(
                .badData,
                "is \(found), expected \(keys.sorted().joined(separator: " and ")) \(edge), as the model sees",
                remedy: "Pictures are prepared for the model's own size only", file: file, item: settings.path(key))
        }
    }

    private static let used: Set<String> = [
        "image_processor_type", "feature_extractor_type", "do_resize", "size", "resample", "do_center_crop",
        "crop_size", "do_rescale", "rescale_factor", "do_normalize", "image_mean", "image_std", "do_pad",
        "default_to_square", "use_square_size",
    ]
    /// What is drawn is RGB already and not padded.
    private static let withoutEffect: Set<String> = [
        "do_convert_rgb", "processor_class", "_valid_processor_keys", "_processor_class", "data_format",
        "input_data_format", "return_tensors", "device", "disable_grouping", "pad_size", "image_seq_length",
        "auto_map", "model_input_names",
    ]
}
