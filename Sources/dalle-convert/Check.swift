import ArgumentParser
import CommandSupport
import DalleFormat
import Foundation

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check every byte of a model file against its checksums.",
        discussion: """
            Exits with status 0 when the file is whole, 1 when a tensor is damaged, naming it.

            EXAMPLES
              dalle-convert check mega.dalle
              dalle-convert check mega.dalle --json
            """)

    @Argument(help: "The model file.")
    var file: String

    @OptionGroup var work: WorkOptions
    @OptionGroup var common: CommonOptions

    private struct Result: Encodable {
        let path: String
        let bytes: Int
        let tensors: Int
        let root: String
        let pass: Bool
        let error: String?
    }

    func run() throws {
        try common.run {
            let model = try ModelFile(file)
            let total = model.tensors.reduce(0) { $0 + $1.storedByteCount }
            let display = ProgressDisplay(
                "checking", total: total, unit: .bytes, mode: common.quiet ? .none : work.progress)
            let start = ContinuousClock.now
            var damage: DalleError?
            do throws(DalleError) {
                try model.check(threads: work.threadCount) {
                    display.advance(by: $0)
                }
            } catch {
                damage = error
            }
            display.finish()
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            if common.json {
                try Console.result(
                    json: Result(
                        path: file, bytes: model.byteCount, tensors: model.tensors.count, root: model.rootDigest,
                        pass: damage == nil, error: damage?.description))
            } else if let damage {
                Console.error("Error: \(damage)")
            } else {
                Console.result(
                    "\(file): whole, \(model.tensors.count) tensors, \(Readable.bytes(model.byteCount)) in "
                        + "\(Readable.seconds(seconds)), root \(model.rootDigest)")
            }
            if damage != nil { throw ExitCode(1) }
        }
    }
}
