import DalleConvert
import DalleFormat
import DalleKernels
import DalleModels
import DalleRuntime
import DalleVerification
import Foundation
import TestSupport
import Testing

/// Decoded pixels of genuine tiny VQGANs against those that their own code gave.
@Suite struct VQGANParityTests {
    /// Checkpoint, its reference, and the pixel range that the reference's `image01` was made with.
    static let checkpoints: [(source: String, reference: String, range: VQGANConfiguration.PixelRange)] = [
        ("torch/vqgan_small_f16.ckpt", "torch/vqgan_small_f16.npz", .signed),
        ("torch/vqgan_gumbel_f16.ckpt", "torch/vqgan_gumbel_f16.npz", .signed),
        ("torch/vqgan_legacy_f32.ckpt", "torch/vqgan_legacy_f32.npz", .signed),
        ("torch/vqgan_flax", "torch/vqgan_flax.npz", .unsigned),
    ]

    @Test(arguments: 0..<4)
    func pixelsAreUpstreams(_ number: Int) throws {
        let (source, reference, range) = Self.checkpoints[number]
        let directory = try TemporaryDirectory()
        let path = directory.path("vqgan.dalle")
        let part = try VQGANImport.read(Fixtures.path(source))
        _ = try ModelAssembly().write([part], to: path, step: "test")
        let file = try ModelFile(path)
        #expect(try VQGANDecoder(file, ComputeContext(.reference)).configuration.pixelRange == range)
        for kernels in [ReferenceKernels.scalar, .openBLAS] {
            let report = try Verification.run(
                DalleModel(file), against: try Reference(Fixtures.path(reference)),
                ComputeContext(.reference, reference: kernels))
            let names = report.checks.map(\.name)
            #expect(
                ["dec_image", "enc_indices"].allSatisfy { end in names.contains { $0.contains(end) }
                })
            for check in report.checks {
                #expect(check.pass && check.maxAbs < 1e-4, "\(source) \(check.name): \(check.maxAbs)")
                print("\(source) \(check.name), \(kernels): worst difference \(check.maxAbs)")
            }
        }
    }

    /// Encoding needs no square and no size of training.
    @Test func picturesOfAnySizeAreEncoded() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("vqgan.dalle")
        _ = try ModelAssembly().write(
            [try VQGANImport.read(Fixtures.path("torch/vqgan_gumbel_f16.ckpt"))], to: path, step: "test")
        let encoder = try VQGANEncoder(try ModelFile(path), ComputeContext(.reference))
        let picture = Image(width: 6, height: 4, bytes: (0..<72).map { UInt8($0 * 3) })
        #expect(try encoder.codes(picture).count == 6)
        let odd = Image(width: 5, height: 4, bytes: [UInt8](repeating: 0, count: 60))
        #expect(throws: DalleError.self) { try encoder.codes(odd) }
    }

    @Test func codesOutsideTheCodebookAndGridsAreRefused() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("vqgan.dalle")
        _ = try ModelAssembly().write(
            [try VQGANImport.read(Fixtures.path("torch/vqgan_flax"))], to: path, step: "test")
        let decoder = try VQGANDecoder(try ModelFile(path), ComputeContext(.reference))
        #expect(throws: DalleError.self) { try decoder.decode([0, 64], height: 1, width: 2) }
        #expect(throws: DalleError.self) { try decoder.decode([0, -1], height: 1, width: 2) }
        #expect(throws: DalleError.self) { try decoder.decode([0, 1, 2], height: 2, width: 2) }
        let image = try decoder.image([1, 2, 3, 4, 5, 6], height: 2, width: 3)
        #expect(image.width == 6 && image.height == 4)
    }
}
