import DalleFormat
import DalleModels
import DalleRuntime
import DalleText

/// Holds encoder states, teacher-forced logits and code sequences against a reference.
struct BartVerification: FamilyVerification {
    private let model: any ImageTokenModel
    private let configuration: BartConfiguration
    private let reference: Reference
    private let bound: Double

    /// Differences of float32 arithmetic; cosine attention divides by a small number and carries rounding further.
    private static let bound = 1e-4
    private static let cosineBound = 2e-3

    /// The prompts of a reference, and the endings of the names of what was computed from them.
    private static let prompts = [("norm", ""), ("uncond", "_uncond"), ("raw", "_raw")]

    init(
        _ model: DalleModel, _ reference: Reference, _ context: ComputeContext, bound: Double?
    ) throws(DalleError) {
        self.model = try model.tokenModel(context)
        guard let component = try model.file.component(.dalleBart) else {
            throw DalleError(.missingInput, "holds no DALL·E mini or Mega", file: model.file.path)
        }
        configuration = try model.file.configuration(of: component)
        self.reference = reference
        self.bound = bound ?? (configuration.cosineAttentionTau == nil ? Self.bound : Self.cosineBound)
    }

    /// Whether the reference holds something of this model.
    static func applies(to reference: Reference) -> Bool { reference.has("input_ids_norm") }

    static func isInput(_ name: String) -> Bool {
        name.hasPrefix("input_ids_") || name.hasPrefix("attention_mask_") || name == "decoder_input_ids"
    }

    /// Names this verification checks or knows why it does not.
    func run(_ report: inout VerificationReport) throws(DalleError) {
        let encoded = try encodePrompts(&report)
        guard let conditional = encoded["norm"] else { return }
        let unconditional = encoded["uncond"] ?? []
        try teacherForcing(conditional, unconditional, &report)
        for name in reference.names {
            guard let sequence = SequenceName(name) else { continue }
            if !sequence.isUncached, reference.has("\(name)_uncached") {
                let reason = "upstream's cached decoding of this model is wrong; \(name)_uncached is what it means"
                report.skipped.append(.init(name: name, reason: reason))
                continue
            }
            try sampleTokens(sequence, conditional, unconditional, &report)
        }
    }

    private func encodePrompts(_ report: inout VerificationReport) throws(DalleError) -> [String: [EncodedPrompt]] {
        var prompts: [(kind: String, ending: String, prompts: [TokenizedPrompt])] = []
        for (kind, ending) in Self.prompts where reference.has("input_ids_\(kind)") {
            prompts.append((kind, ending, try tokenized(kind)))
        }
        let prepared = try model.prepare(prompts.flatMap(\.prompts)) { _, _ in }
        var encoded = prepared.compactMap { $0 as? EncodedPrompt }
        var results: [String: [EncodedPrompt]] = [:]
        for (kind, ending, prompts) in prompts {
            let part = Array(encoded.prefix(prompts.count))
            encoded.removeFirst(prompts.count)
            results[kind] = part
            let name = "encoder_last_hidden_state\(ending)"
            guard reference.has(name) else { continue }
            let expected = try reference.array(name)
            report.checks.append(
                .numbers(name, part.flatMap(\.states.values), try Self.states(expected, of: part), bound: bound))
        }
        return results
    }

    /// The reference's states of the tokens that were encoded, which on the fast route are those without padding.
    private static func states(_ expected: NPYArray, of prompts: [EncodedPrompt]) throws(DalleError) -> NPYArray {
        guard let width = prompts.first?.states.columns, expected.shape.rank == 3, expected.shape[2] == width,
            expected.shape[0] == prompts.count
        else { return expected }
        var values: [Double] = []
        for (number, prompt) in prompts.enumerated() {
            values += try expected.part(number).values.prefix(prompt.states.values.count)
        }
        return NPYArray(shape: try Shape([values.count]), values: values)
    }

    private func tokenized(_ kind: String) throws(DalleError) -> [TokenizedPrompt] {
        let ids = try reference.array("input_ids_\(kind)"), mask = try reference.array("attention_mask_\(kind)")
        guard ids.shape.rank == 2, ids.shape.count > 0, mask.shape == ids.shape else {
            throw DalleError(
                .badData, "has shape \(ids.shape), expected prompts and their tokens", file: reference.path,
                item: "input_ids_\(kind)")
        }
        var prompts: [TokenizedPrompt] = []
        for row in 0..<ids.shape[0] {
            let visible = try mask.part(row).integers()
            let count = visible.prefix { $0 != 0 }.count
            guard visible.dropFirst(count).allSatisfy({ $0 == 0 }) else {
                throw DalleError(
                    .badData, "a mask with a hole before its end", file: reference.path, item: "attention_mask_\(kind)")
            }
            prompts.append(TokenizedPrompt(ids: try ids.part(row).integers(), visible: count))
        }
        return prompts
    }

    /// Feeds given codes and compares the logits at every position.
    private func teacherForcing(
        _ conditional: [EncodedPrompt], _ unconditional: [EncodedPrompt], _ report: inout VerificationReport
    ) throws(DalleError) {
        guard reference.has("decoder_input_ids") else { return }
        let inputs = try reference.array("decoder_input_ids")
        guard inputs.shape.rank == 2, inputs.shape[0] == conditional.count else {
            throw DalleError(
                .badData, "has shape \(inputs.shape) for \(conditional.count) prompts", file: reference.path,
                item: "decoder_input_ids")
        }
        let length = inputs.shape[1], codes = try inputs.integers()
        for (name, prompts) in [("logits", conditional), ("logits_uncond", unconditional)] where reference.has(name) {
            guard prompts.count <= conditional.count else {
                throw DalleError(
                    .badData, "is of \(prompts.count) prompts, where there are codes of \(conditional.count)",
                    file: reference.path, item: name)
            }
            let session = try model.session(rows: prompts.count)
            try session.start(prompts.enumerated().map { ($0, $1) })
            var found = [[Float]](repeating: [], count: prompts.count)
            for position in 0..<length {
                // The model begins with the start token itself, which is the first id here.
                let rows = prompts.indices.map { row in
                    (row: row, tokens: position == 0 ? [] : [codes[row * length + position]])
                }
                let logits = try session.step(rows)
                for row in found.indices { found[row] += logits.row(row) }
            }
            report.checks.append(.numbers(name, found.flatMap { $0 }, try reference.array(name), bound: bound))
        }
    }

    private func sampleTokens(
        _ sequence: SequenceName, _ conditional: [EncodedPrompt], _ unconditional: [EncodedPrompt],
        _ report: inout VerificationReport
    ) throws(DalleError) {
        guard sequence.settings.conditionScale == 1 || unconditional.count == conditional.count else {
            let reason = "needs as many unconditional prompts as prompts"
            report.skipped.append(.init(name: sequence.name, reason: reason))
            return
        }
        let images = conditional.enumerated().map { number, prompt in
            // Ids outside the codebook are not suppressed here: the reference's program drew them too.
            var image = TokenSampler.Image(
                id: number, prompt: prompt, unconditional: number < unconditional.count ? unconditional[number] : nil,
                processor: LogitsProcessor(sequence.settings),
                choice: sequence.seed.map { .shared(RandomKey(seed: $0), image: number, of: conditional.count) }
                    ?? .greedy)
            image.stopsAtEnd = sequence.stopsAtEnd
            return image
        }
        let codes = try TokenSampler.sample(images, model, acceptsNonFinite: true)
        // The reference's sequences begin with the start token.
        let found = codes.flatMap { [configuration.startToken] + $0 }
        report.checks.append(.codes(sequence.name, found, try reference.array(sequence.name).integers()))
    }
}
