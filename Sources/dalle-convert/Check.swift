import ArgumentParser
import CommandSupport
import DalleFormat

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check every byte of a model file against its checksums.",
        discussion: """
            Exits with status 0 when the file is whole, 1 when it is not, naming everything that is damaged.

            EXAMPLES
              dalle-convert check mega.dalle
              dalle-convert check mega.dalle --decode --json
            """)

    @Argument(help: "The model file.", completion: .file())
    var file: String

    @Flag(help: "Decode every tensor too, which proves the program that wrote the file.")
    var decode = false

    @OptionGroup var work: WorkOptions
    @OptionGroup var common: CommonOptions

    private struct Result: Encodable {
        struct Damage: Encodable {
            let tensor: String?
            let chunk: Int?
            let offset: Int
            let bytes: Int
            let message: String
        }

        let path: String
        var pass = false
        /// How long the comparing took.
        var seconds: Double?
        var bytes: Int?
        var tensors: Int?
        var root: String?
        var content: String?
        var damages: [Damage] = []
        /// Why nothing could be checked.
        var error: String?
    }

    func run() throws {
        try common.run {
            let result = try checked()
            if common.json {
                try Console.result(json: result)
            } else {
                say(result)
            }
            if !result.pass { throw ExitCode(1) }
        }
    }

    /// What was found; a file that cannot even be opened is damaged as a whole.
    private func checked() throws(DalleError) -> Result {
        let model: ModelFile
        do throws(DalleError) {
            model = try ModelFile(file)
        } catch {
            guard error.code == .badData else { throw error }
            return Result(path: file, error: error.description)
        }
        let total = model.tensors.reduce(0) { $0 + $1.storedByteCount }
        let display = ProgressDisplay(
            "checking", total: total, unit: .bytes, mode: work.progressMode(common))
        defer { display.finish() }
        let start = ContinuousClock.now
        let damages = try model.damages(threads: work.threadCount, decoding: decode) { display.advance(by: $0) }
        return Result(
            path: file, pass: damages.isEmpty, seconds: (ContinuousClock.now - start) / .seconds(1),
            bytes: model.byteCount, tensors: model.tensors.count,
            root: model.rootDigest, content: model.content.description,
            damages: damages.map {
                Result.Damage(
                    tensor: $0.tensor, chunk: $0.chunk, offset: $0.range.lowerBound, bytes: $0.range.count,
                    message: $0.message)
            })
    }

    private func say(_ result: Result) {
        if let error = result.error { return Console.fail(error, status: 1) }
        guard !result.pass else {
            return Console.result(
                "\(file): whole, \(result.tensors ?? 0) tensors, \(Readable.bytes(result.bytes ?? 0)) in "
                    + "\(Readable.seconds(result.seconds ?? 0)), root \(result.root ?? "")")
        }
        for damage in result.damages {
            let place = damage.tensor.map { "'\(PlainText.line($0))', " } ?? ""
            Console.error("\(place)byte \(damage.offset): \(damage.message)")
        }
        let tensors = Set(result.damages.compactMap(\.tensor)).count
        Console.fail(
            "\(file): damaged in \(Readable.count(result.damages.count, "place")), \(tensors) of "
                + Readable.count(result.tensors ?? 0, "tensor"), remedy: "Copy or convert the file again", status: 1)
    }
}
