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

    static func main() { launch(foreign: foreignOptions) }

    /// What other programs that draw call their options.
    private static let foreignOptions = [
        ForeignOption(
            "-m", "--model", "-p", "--prompt",
            advice: "Model and prompt stand without an option: dalle-run FILE \"PROMPT\""),
        ForeignOption(
            "--size", "-W", "-H", "--width", "--height", "--resolution",
            advice: "The model decides how large its pictures are; --grid COLUMNS puts several into one"),
        ForeignOption(
            "--negative", "--negative-prompt", "--neg", "--neg-prompt",
            advice: "There is no negative prompt: --condition-scale weighs the prompt against an empty one"),
        ForeignOption(
            "--steps", "--num-inference-steps", "--sampling-steps", "--sampler", "--sampling-method", "--scheduler",
            advice: "The model draws code by code, without steps to choose; --top-k, --top-p and --temperature say how"),
        ForeignOption(
            "-b", "--batch", "--batch-size", "--n", "--num", "--num-images", "--n-iter", "--images",
            advice: "--count is how many images of a prompt are drawn (-n)"),
        ForeignOption(
            "--cfg", "--guidance", "--supercondition-factor", "--cond-scale",
            advice: "--condition-scale weighs the prompt against an empty one (--cfg-scale)"),
        ForeignOption("--temp", advice: "The option is --temperature"),
        ForeignOption("--topk", "-k", advice: "The option is --top-k"),
        ForeignOption("--topp", advice: "The option is --top-p"),
        ForeignOption(
            "--outdir", "--output-dir", "--out-dir", "--output-path",
            advice: "-o takes a directory too, with a slash at its end: -o pictures/"),
        ForeignOption(
            "--prompt-file", "--from-file", "--prompts-file", "-f", "--file",
            advice: "--prompts takes a file with a prompt in each line"),
        ForeignOption("--overwrite", "-y", "--yes", advice: "--force replaces files that exist"),
        ForeignOption("--resume", "--continue", advice: "--skip-existing with the same --seed goes on with a run"),
        ForeignOption("--gpu", "--cuda", "--device", "--ngl", "-ngl", advice: "All is computed on the processor"),
        ForeignOption("-v", "--verbose", advice: "Times and memory are said anyway; --progress json says each step"),
    ]
}
