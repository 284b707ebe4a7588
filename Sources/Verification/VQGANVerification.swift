import DalleFormat
import DalleRuntime

/// Holds decoded pixels against a reference: `NAME_dec_indices` against `NAME_dec_image` and its variants.
struct VQGANVerification {
    private let decoder: VQGANDecoder
    private let reference: Reference
    private let bound: Double

    private static let bound = 1e-3
    private static let codesEnding = "_dec_indices"

    init(
        _ file: ModelFile, _ reference: Reference, _ context: ComputeContext, bound: Double?
    ) throws(DalleError) {
        decoder = try VQGANDecoder(file, context)
        self.reference = reference
        self.bound = bound ?? Self.bound
    }

    static func applies(to reference: Reference) -> Bool { reference.names.contains { $0.hasSuffix(codesEnding) } }

    func run(_ report: inout VerificationReport) throws(DalleError) {
        for name in reference.names where name.hasSuffix(Self.codesEnding) {
            let codes = try reference.array(name)
            guard codes.shape.rank == 3 else {
                throw DalleError(
                    .badData, "has shape \(codes.shape), expected grids of codes", file: reference.path, item: name)
            }
            var raw: [Float] = []
            for image in 0..<codes.shape[0] {
                let pixels = try decoder.decode(
                    try codes.part(image).integers(), height: codes.shape[1], width: codes.shape[2])
                raw += channelsFirst(pixels)
            }
            let stem = name.dropLast("indices".count) + "image"
            for image in ["\(stem)", "\(stem)_flax"] where reference.has(image) {
                report.checks.append(.numbers(image, raw, try reference.array(image), bound: bound))
            }
            if reference.has("\(stem)01") {
                let unit = raw.map { decoder.configuration.pixelRange.unit($0) }
                report.checks.append(.numbers("\(stem)01", unit, try reference.array("\(stem)01"), bound: bound))
            }
        }
    }

    /// Pixels as PyTorch lays them out: `[3, height, width]`.
    private func channelsFirst(_ image: FeatureMap) -> [Float] {
        (0..<image.channels).flatMap { channel in
            (0..<image.pixels.rows).map { image.pixels.values[$0 * image.channels + channel] }
        }
    }
}
