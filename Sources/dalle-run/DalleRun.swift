import ArgumentParser
import CommandSupport
import DalleKernels

@main
struct DalleRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dalle-run",
        abstract: "Generates images from a model file on the CPU.",
        usage: """
            dalle-run FILE PROMPT [OPTIONS]        draw (dalle-run generate --help lists the options)
            dalle-run verify FILE --reference FILE.npz
            dalle-run reconstruct FILE PICTURE
            dalle-run bench FILE
            """,
        discussion: """
            EXAMPLES
              dalle-run mini.dalle "an armchair in the shape of an avocado"
              dalle-run mini.dalle "a red fox in the snow" --seed 7 --grid 3 -o foxes.png
              dalle-run verify mini.dalle --reference expected.npz
            """,
        version: Version.text("dalle-run", kernels: Kernels.best.name),
        subcommands: [Generate.self, Verify.self, Reconstruct.self, Bench.self],
        defaultSubcommand: Generate.self)

    static func main() { launch() }
}
