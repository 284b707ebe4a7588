import DalleFormat
import DalleModels
import DalleRuntime

/// Holds a VQGAN against a reference: pixels decoded from `NAME_dec_indices` against `NAME_dec_image` and its variants,
/// what the encoder makes of `NAME_enc_image` against `NAME_enc_prequant` and `NAME_enc_indices`.
struct VQGANVerification: FamilyVerification {
    private let decoder: VQGANDecoder
    private let encoder: VQGANEncoder?
    private let reference: Reference
    private let bound: Double

    private static let bound = 1e-3
    private static let codesEnding = "_dec_indices"
    private static let imageEnding = "_enc_image"

    init(
        _ model: DalleModel, _ reference: Reference, _ context: ComputeContext, bound: Double?
    ) throws(DalleError) {
        decoder = try VQGANDecoder(model.file, context)
        encoder = decoder.configuration.encoding == .none ? nil : try VQGANEncoder(model.file, context)
        self.reference = reference
        self.bound = bound ?? Self.bound
    }

    static func applies(to reference: Reference) -> Bool {
        reference.names.contains { $0.hasSuffix(codesEnding) || $0.hasSuffix(imageEnding) }
    }

    static func isInput(_ name: String) -> Bool {
        name.hasSuffix(codesEnding) || name.hasSuffix(imageEnding) || name.hasSuffix("_enc_margin")
    }

    func run(_ report: inout VerificationReport) throws(DalleError) {
        try decode(&report)
        if let encoder { try encode(encoder, &report) }
    }

    private func encode(_ encoder: VQGANEncoder, _ report: inout VerificationReport) throws(DalleError) {
        for name in reference.names where name.hasSuffix(Self.imageEnding) {
            var vectors: [Float] = []
            var codes: [Int] = []
            for picture in try reference.parts(name, rank: 4) {
                let found = try encoder.vectors(FeatureMap(channelsFirst: picture))
                vectors += found.channelsFirst
                codes += encoder.quantize(found)
            }
            let stem = name.dropLast("image".count)
            if reference.has("\(stem)prequant") {
                let expected = try reference.array("\(stem)prequant")
                report.checks.append(.numbers("\(stem)prequant", vectors, expected, bound: bound))
            }
            if reference.has("\(stem)indices") {
                let expected = try reference.array("\(stem)indices").integers()
                report.checks.append(.codes("\(stem)indices", codes, expected))
            }
        }
    }

    private func decode(_ report: inout VerificationReport) throws(DalleError) {
        for name in reference.names where name.hasSuffix(Self.codesEnding) {
            var raw: [Float] = []
            for codes in try reference.parts(name, rank: 3) {
                let pixels = try decoder.decode(try codes.integers(), height: codes.shape[0], width: codes.shape[1])
                raw += pixels.channelsFirst
            }
            let stem = name.dropLast("indices".count) + "image"
            for image in ["\(stem)", "\(stem)_flax"] where reference.has(image) {
                report.checks.append(.numbers(image, raw, try reference.array(image), bound: bound))
            }
            if reference.has("\(stem)01") {
                let range = decoder.configuration.pixelRange
                let unit = raw.map { range.unitOrNaN($0) }
                report.checks.append(.numbers("\(stem)01", unit, try reference.array("\(stem)01"), bound: bound))
            }
        }
    }
}
