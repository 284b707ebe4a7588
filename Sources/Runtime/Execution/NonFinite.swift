import DalleFormat
import DalleKernels
import DalleModels

/// Results of a model that are infinite or no numbers.
///
/// They are looked for once at the end of a stage. Kernels hand on what is no number, also where floats become bytes, so
/// that none is lost on the way; where it began is found out only then.
extension ComponentTensors {
    /// The error for such results: with the first of the part's tensors that holds such a number, else with the layer in
    /// which they come up although all weights are numbers.
    ///
    /// - Parameters:
    ///   - results: What is not finite: `the logits of code 3`.
    ///   - belongs: Whether a tensor, by its name in the part, has to do with it.
    ///   - layer: Called when the weights are not to blame.
    func nonFinite(
        _ results: String, _ belongs: (String) -> Bool = { _ in true },
        layer: () throws(DalleError) -> String?
    ) -> DalleError {
        do throws(DalleError) {
            for name in names where belongs(name) {
                guard let tensor = file.descriptor(fileName(name)),
                    let fault = try file.nonFinite(tensor, threads: context.threads)
                else { continue }
                return DalleError(
                    .badData, "\(fault.message), and so \(results) are no numbers",
                    remedy: "Convert the checkpoint again", file: file.path, item: tensor.name)
            }
            let place = try layer().map { "\($0) makes infinities of weights that are all finite" }
            return DalleError(
                .badData, "\(results) are no numbers: \(place ?? "all weights are finite, and too large together")",
                remedy: "Check that weights and settings belong together", file: file.path, item: component)
        } catch {
            return error
        }
    }
}

extension Matrix {
    /// Whether every number is finite.
    var isFinite: Bool { values.withUnsafeBytes { DType.float32.firstNonFinite($0) == nil } }
}

extension ActivationRows {
    /// Whether every number of some rows is finite.
    func isFinite(_ rows: Range<Int>) -> Bool {
        rows.allSatisfy { DType.float32.firstNonFinite(UnsafeRawBufferPointer(row($0))) == nil }
    }
}

extension Pixels {
    /// Whether every number is finite.
    var isFinite: Bool { withNumbers { DType.float32.firstNonFinite(UnsafeRawBufferPointer($0)) == nil } }
}
