#if os(Linux)
    import Foundation
    import TestSupport
    import Testing

    /// With little address space or few threads a command does its work or says that it cannot, and ends.
    @Suite(.serialized) struct LimitTests {
        private let directory: TemporaryDirectory
        private let picture: Data

        init() throws {
            directory = try TemporaryDirectory()
            let convert = try Command(
                "dalle-convert",
                ["flax", Fixtures.path("demo/dalle"), "--vqgan", Fixtures.path("demo/vqgan"), "-o", "demo.dalle"],
                in: directory.url)
            #expect(convert.status == 0, "\(convert.error)")
            let run = try Command(
                "dalle-run", ["demo.dalle", "red", "--seed", "1", "-o", "expected.png"], in: directory.url)
            #expect(run.status == 0, "\(run.error)")
            picture = try Data(contentsOf: directory.url.appending(path: "expected.png"))
        }

        private func run(_ command: [String], _ limits: String) throws -> LimitedCommand {
            try LimitedCommand(command[0], Array(command.dropFirst()), in: directory.url, limits: limits)
        }

        private static let commands = [
            ["dalle-convert", "check", "demo.dalle", "--decode", "--threads", "4"],
            ["dalle-convert", "inspect", "demo.dalle"],
            ["dalle-convert", "flax", Fixtures.path("demo/dalle"), "-o", "copy.dalle", "--force", "--threads", "4"],
            ["dalle-quant", "--int8", "demo.dalle", "-o", "small.dalle", "--force", "--threads", "4"],
            ["dalle-run", "--version"],
            ["dalle-run", "demo.dalle", "red", "--seed", "1", "-o", "drawn.png", "--force", "--threads", "4"],
            ["dalle-run", "demo.dalle", "red", "--seed", "1", "-o", "r.png", "--force", "--route", "reference"],
        ]

        /// From what the libraries of the system hardly fit into to what is ample, in KiB.
        @Test(arguments: commands.indices, [110_000, 140_000, 180_000, 240_000, 320_000, 450_000])
        func aLittleAddressSpaceIsNoReasonToHang(_ number: Int, _ space: Int) throws {
            let command = Self.commands[number]
            let found = try run(command, "ulimit -v \(space)")
            #expect(found.status != nil, "\(command) with \(space) KiB did not end: \(found.error)")
            // Done, refused with a reason, or not even loaded by the system; in ample space all but the reference route, whose
            // library takes much, do their work.
            let isEnough = space >= 320_000 && command.last != "reference"
            guard space >= 140_000 else { return }
            #expect(
                (isEnough ? [0] : [0, 66, 71, 127]).contains(found.status),
                "\(command) with \(space) KiB: \(found.status ?? -1) \(found.error)")
            if found.status == 0, command.contains("drawn.png") {
                #expect(try Data(contentsOf: directory.url.appending(path: "drawn.png")) == picture)
            }
        }

        /// From what the system loads the command in upwards, until the work is done; what makes codes of pictures also needs
        /// the library of the reference route, which takes much.
        @Test(arguments: [
            ["dalle-run", "demo.dalle", "red", "--seed", "1", "-o", "drawn.png", "--force"],
            ["dalle-run", "reconstruct", "demo.dalle", "expected.png", "-o", "copy.png", "--force"],
            ["dalle-convert", "flax", Fixtures.path("demo/dalle"), "-o", "copy.dalle", "--force"],
            ["dalle-quant", "--int8", "demo.dalle", "-o", "small.dalle", "--force"],
        ])
        func tooLittleMemoryIsSaid(_ command: [String]) throws {
            func limit(_ space: Int) -> String { "ulimit -v \(space)" }
            var space = 40_000
            while space < 400_000, try run([command[0], "--version"], limit(space)).status != 0 { space += 2000 }
            var refusals = 0
            for step in 1...20 {
                let found = try run(command, limit(space + step * 5000))
                if found.status == 0 { break }
                #expect(found.status == 71, "\(command), step \(step): \(found.status ?? -1) \(found.error)")
                #expect(found.error.contains("not enough memory for") && found.error.contains("ulimit -v"))
                refusals += 1
            }
            #expect(refusals > 0)
        }

        @Test func theReferenceRouteSaysWhatItLacks() throws {
            let found = try run(Self.commands[6], "ulimit -v 200000")
            #expect(found.status == 71)
            #expect(found.error.contains("MiB of address space"), "\(found.error)")
            let without = try Command(
                "dalle-run", Array(Self.commands[6].dropFirst()), in: directory.url,
                environment: ["DALLE_ISA": "scalar"])
            #expect(without.status == 0, "plain loops need no library: \(without.error)")
        }
    }
#endif
