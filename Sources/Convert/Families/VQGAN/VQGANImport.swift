public import DalleFormat
public import DalleModels

/// Imports a VQGAN, whole or its decoding half: taming-transformers' PyTorch checkpoints and vqgan-jax's Flax ones.
public enum VQGANImport {
    /// - Parameters:
    ///   - source: the checkpoint, or the directory it lies in alone.
    ///   - configuration: its model.yaml or config.json; the one beside the checkpoint when nil. The tensors decide,
    ///     a configuration that disagrees with them is an error.
    ///   - pixelRange: what the decoder gives for black and white; when nil, what the family of the checkpoint does.
    ///   - prefix: what stands before the model's names, if there are several models.
    /// - Throws: `badData` naming the tensor or setting when this is no VQGAN that can be run, whole and undamaged.
    public static func read(
        _ source: String, configuration: String? = nil, pixelRange: VQGANConfiguration.PixelRange? = nil,
        prefix: String? = nil
    ) throws(DalleError) -> ImportedComponent {
        try SourceWatch.watching { () throws(DalleError) in
            try part(at: source, configuration: configuration, pixelRange: pixelRange, prefix: prefix)
        }
    }

    private static func part(
        at source: String, configuration: String?, pixelRange: VQGANConfiguration.PixelRange?, prefix: String?
    ) throws(DalleError) -> ImportedComponent {
        let files = try VQGANSource(source, configuration: configuration)
        var settings: VQGANSettings?
        if let configuration = files.configuration { settings = try VQGANSettings(configuration) }
        do throws(DalleError) {
            let checkpoint = try Checkpoint(files.checkpoint)
            return try checkpoint.part { () throws(DalleError) in
                let set = try VQGANTensorSet(checkpoint.tensors, top: checkpoint.top, prefix: prefix)
                return try part(
                    from: set, files: files.all, otherEntries: checkpoint.otherEntries, settings: settings,
                    pixelRange: pixelRange)
            }
        } catch {
            throw error.located(file: files.checkpoint)
        }
    }

    /// The part that a checkpoint's tensors make.
    static func part(
        from set: VQGANTensorSet, files: [String] = [], otherEntries: [String] = [], settings: VQGANSettings?,
        pixelRange: VQGANConfiguration.PixelRange?
    ) throws(DalleError) -> ImportedComponent {
        // dalle-mini trained its own VQGAN for pixels from 0 to 1; taming-transformers' run from -1 to 1.
        let range = pixelRange ?? (set.origin == .flax || set.isFromMinDalle ? .unsigned : .signed)
        let configuration = try VQGANConfiguration(inferringFrom: set, settings: settings, pixelRange: range)
        let name = Component.Kind.vqgan.rawValue
        let expected = try configuration.tensors()
        var tensors: [ImportedComponent.Tensor] = []
        for tensor in expected {
            let source = try set.fitted(tensor.name, to: tensor.shape)
            tensors.append(ImportedComponent.Tensor(name: name + "." + tensor.name, source: source))
        }
        return ImportedComponent(
            component: Component(name: name, kind: .vqgan, configuration: configuration.metadata),
            tensors: tensors, files: files, leftOut: try set.others(than: expected.map(\.name)) + otherEntries,
            notes: notes(configuration, settings: settings, isAssumed: pixelRange == nil))
    }

    private static func notes(
        _ configuration: VQGANConfiguration, settings: VQGANSettings?, isAssumed: Bool
    ) -> [String] {
        var notes: [String] = []
        if settings == nil { notes.append("no configuration was found: the sizes are those of the tensors") }
        if isAssumed {
            let range = configuration.pixelRange == .signed ? "-1 to 1" : "0 to 1"
            notes.append("pixels are taken to run from \(range), as in other checkpoints of this format")
        }
        return notes
    }
}
