import Foundation
import TestSupport
import Testing

/// The README's first steps, done as they stand there by somebody who has just come.
@Suite struct ReadmeTests {
    private static let package = Fixtures.directory.deletingLastPathComponent()

    /// The lines of code of a section.
    private static func code(_ section: String) throws -> String {
        let text = try String(contentsOf: package.appending(path: "README.md"), encoding: .utf8)
        let sections = text.split(separator: "\n## ")
        let lines = try #require(sections.first { $0.hasPrefix(section + "\n") }).split(separator: "\n")
        return lines.filter { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }.joined(separator: "\n")
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/bash")))
    func theFirstPictureIsDrawnInAFreshShell() throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createSymbolicLink(
            at: directory.url.appending(path: "fixtures"), withDestinationURL: Fixtures.directory)
        // What `make build` makes lies where the README says.
        try FileManager.default.createDirectory(
            at: directory.url.appending(path: ".build"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: directory.url.appending(path: ".build/release"), withDestinationURL: Command.directory)
        let code = try Self.code("The first picture")
        #expect(code.contains("make build") && code.contains("dalle-run demo.dalle"))
        let shell = try Command(
            executable: URL(filePath: "/usr/bin/env"),
            ["-i", "PATH=/usr/bin:/bin", "/bin/bash", "--norc", "-euc", "make() { echo \"$@\"; }\n" + code],
            in: directory.url)
        #expect(shell.status == 0, "\(shell.error)")
        #expect(directory.contents.filter { !$0.hasPrefix(".") } == ["demo.dalle", "demo.png", "fixtures", "mine.png"])
        #expect(shell.output.contains("demo.png") && shell.output.contains("mine.png"))
    }

    /// Every option and subcommand that the README names is there.
    @Test func otherLinesAreUnderstood() throws {
        let directory = try TemporaryDirectory()
        let lines = try Self.code("Drawing with the released models").split(separator: "\n").filter {
            $0.hasPrefix("dalle-")
        }
        #expect(lines.count > 12)
        for line in lines where !line.contains("completion") {
            let command = try Command(
                executable: URL(filePath: "/usr/bin/env"),
                ["PATH=\(Command.directory.path):/usr/bin:/bin", "/bin/sh", "-c", String(line)], in: directory.url)
            // The files are not there, and that is all that is wrong.
            #expect(command.status == 66, "\(line): \(command.error)")
        }
    }

    @Test func whereTheFilesAreIsSaid() throws {
        let text = try String(contentsOf: Self.package.appending(path: "README.md"), encoding: .utf8)
        for name in [
            "dalle-mini/dalle-mini", "dalle-mini/dalle-mega", "dalle-mini/vqgan_imagenet_f16_16384",
            "openai/clip-vit-base-patch32", "kuprel/min-dalle",
        ] {
            #expect(text.contains("https://huggingface.co/\(name)"))
        }
        let path = try #require(text.range(of: "export PATH")), first = try #require(text.range(of: "    dalle-"))
        #expect(path.lowerBound < first.lowerBound, "PATH comes before the first use")
    }
}
