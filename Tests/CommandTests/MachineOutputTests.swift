import Foundation
import TestSupport
import Testing

/// What programs read: every line of standard error with `--progress json`, errors with `--json`, results.
@Suite struct MachineOutputTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try DemoModel.copy(into: directory, clip: true)
        try "a red circle\n\na blue square\n".write(
            toFile: directory.path("two.txt"), atomically: true, encoding: .utf8)
    }

    private func run(_ name: String, _ arguments: [String]) throws -> Command {
        try Command(name, arguments, in: directory.url)
    }

    /// The events of a command; every line must be one.
    private func events(_ command: Command) throws -> [[String: Any]] {
        try command.error.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let event = try #require(object, "\(line)")
            #expect(event["event"] is String, "\(line)")
            return event
        }
    }

    @Test(arguments: [
        ["dalle-run", "demo.model", "a red star", "--count", "3"],
        ["dalle-run", "demo.model", "a red star", "--keep", "2", "--count", "3", "--json"],
        ["dalle-run", "demo.model", "--prompts", "two.txt", "--grid", "2", "--quiet"],
        ["dalle-run", "demo.model", String(repeating: "a red star ", count: 40), "-o", "long.png"],
        ["dalle-run", "verify", "demo.model", "--against", "demo.model", "--pictures", "2"],
        ["dalle-run", "bench", "demo.model"],
        ["dalle-convert", "flax", Fixtures.path("demo/dalle"), "-o", "again.dalle"],
        ["dalle-convert", "check", "demo.model"],
        ["dalle-convert", "export", "demo.model", "-o", "exported"],
        ["dalle-quant", "--int8", "demo.model", "-o", "small.dalle", "--compare"],
        ["dalle-quant", "--int4", "demo.model", "-o", "smaller.dalle", "--calibrate", "two.txt", "--table"],
    ])
    func everyLineIsAnEvent(_ arguments: [String]) throws {
        let command = try run(arguments[0], arguments.dropFirst() + ["--progress", "json"])
        #expect(command.status == 0, "\(command.error)")
        let events = try events(command)
        #expect(events.last as NSDictionary? == ["event": "done"])
        #expect(events.filter { $0["event"] as? String == "done" }.count == 1)
        if arguments.contains("--json") { #expect(try command.json()["images"] != nil) }
    }

    @Test func picturesAreAnnouncedAndCounted() throws {
        let command = try run(
            "dalle-run", ["demo.model", "a red star", "--count", "3", "--seed", "4", "--progress=json", "-q"])
        let events = try events(command)
        let pictures = events.filter { $0["event"] as? String == "picture" }
        #expect(pictures.compactMap { $0["path"] as? String } == (4...6).map { "a-red-star-\($0).png" })
        for (number, picture) in pictures.enumerated() {
            let images = try #require(picture["images"] as? [[String: Any]])
            #expect(images.count == 1 && images[0]["seed"] as? Int == 4 + number)
            #expect(images[0]["prompt"] as? String == "a red star")
        }
        let progress = events.filter { $0["event"] as? String == "progress" }
        let painting = progress.filter { $0["stage"] as? String == "painting" }
        #expect(painting.compactMap { $0["done"] as? Int } == [0, 1, 2, 3])
        #expect(painting.allSatisfy { $0["total"] as? Int == 3 })
        let seconds = try progress.map { try #require($0["seconds"] as? Double) }
        #expect(seconds == seconds.sorted(), "they are those of the whole run")
        #expect(progress.last?["share"] as? Double == 1 && progress.last?["seconds_left"] as? Double == 0)
    }

    @Test(
        arguments: [
            (["dalle-run", "nowhere.dalle", "a cat"], 66, "nowhere.dalle"),
            (["dalle-run", "two.txt", "a cat"], 65, "two.txt"),
            (["dalle-run", "demo.model", "a cat", "-o", "two.txt/x.png"], 73, "two.txt/x.png"),
            (["dalle-run", "demo.model", "a cat", "--bogus"], 64, nil),
            (["dalle-run", "demo.model"], 64, nil),
            (["dalle-convert", "inspect", "two.txt"], 65, "two.txt"),
            (["dalle-convert", "flax", "two.txt"], 65, "two.txt"),
            (["dalle-convert", "demo.model"], 64, nil),
            (["dalle-quant", "--int8", "two.txt"], 65, "two.txt"),
            (["dalle-quant", "--int8", "demo.model", "--keep", "nothing"], 64, "demo.model"),
            (["dalle-quant", "--int8", "demo.model", "--min-sqnr", "99"], 1, nil),
        ] as [([String], Int32, String?)])
    func errorsAreObjects(_ arguments: [String], _ status: Int32, _ file: String?) throws {
        for form in [["--json"], ["--progress", "json"], ["--json", "--progress", "json"]] {
            if arguments[1] == "inspect", form.contains("--progress") { continue }
            let command = try run(arguments[0], arguments.dropFirst() + form)
            #expect(command.status == status, "\(command.error)")
            let lines = command.error.split(separator: "\n")
            let failures = try lines.compactMap { line -> [String: Any]? in
                let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                if form.contains("--progress") { _ = try #require(object, "\(line)") }
                return object?["event"] as? String == "error" ? object : nil
            }
            #expect(failures.count == 1)
            let error = try #require(failures.first, "\(command.error)")
            #expect(Set(error.keys) == ["event", "file", "tensor", "offset", "message", "remedy", "status"])
            #expect(error["status"] as? Int32 == status && error["file"] as? String == file)
            #expect((error["message"] as? String)?.isEmpty == false)
        }
    }

    @Test func errorsSayWhere() throws {
        var data = try Data(contentsOf: directory.url.appending(path: "demo.model"))
        data[data.count / 2] ^= 1
        try data.write(to: directory.url.appending(path: "bad.model"))
        let command = try run("dalle-run", ["bad.model", "a cat", "-o", "a.png", "--json"])
        let object = try JSONSerialization.jsonObject(
            with: Data((command.error.split(separator: "\n").last ?? "").utf8))
        let error = try #require(object as? [String: Any])
        #expect(error["file"] as? String == "bad.model" && error["tensor"] is String && error["offset"] is Int)
    }

    @Test func codesTakeOneLine() throws {
        let command = try run("dalle-run", ["demo.model", "a red star", "--count", "2", "--json"])
        let lines = command.output.split(separator: "\n")
        #expect(lines.filter { $0.contains("\"codes\" : [") && $0.contains("]") }.count == 2)
        #expect(lines.count < 50, "\(lines.count)")
        let images = try #require(try command.json()["images"] as? [[String: Any]])
        #expect(images.allSatisfy { ($0["codes"] as? [Int])?.count == 64 })
    }

    /// `docs/JSON.md` names every key, and no other.
    @Test func everyKeyIsDocumented() throws {
        let document = try String(
            contentsOf: Fixtures.directory.deletingLastPathComponent().appending(path: "docs/JSON.md"), encoding: .utf8)
        let sections = document.split(separator: "\n## ").dropFirst().map { section in
            (
                title: String(section.prefix { $0 != "\n" }),
                keys: Set(section.matches(of: /`"([a-z_]+)"`/).map { String($0.1) })
            )
        }
        func keys(_ title: String) throws -> Set<String> {
            try #require(sections.first { $0.title == title }, "\(title)").keys
        }
        /// The keys of an object and of those in it, but for what is a map by names of any kind.
        func found(_ value: Any) -> Set<String> {
            if let list = value as? [Any] { return list.reduce(into: []) { $0.formUnion(found($1)) } }
            guard let object = value as? [String: Any] else { return [] }
            return object.reduce(into: []) { keys, member in
                keys.insert(member.key)
                if !["stages", "types", "configuration", "metadata", "bounds_of"].contains(member.key)
                    || member.value is [Any]
                {
                    keys.formUnion(found(member.value))
                }
            }
        }
        func holds(_ title: String, _ name: String, _ arguments: String...) throws {
            let command = try run(name, arguments + ["--json"])
            let object = try command.json()
            #expect(!object.isEmpty, "\(command.error)")
            let (known, there) = (try keys(title), found(object))
            #expect(there.isSubset(of: known), "\(title): \(there.subtracting(known)) are not documented")
        }
        try holds("dalle-run", "dalle-run", "demo.model", "a red star", "--keep", "1", "--count", "2")
        try holds(
            "dalle-run verify --against", "dalle-run", "verify", "demo.model", "--against", "demo.model", "--pictures",
            "2")
        try holds("dalle-run bench", "dalle-run", "bench", "demo.model")
        try holds(
            "dalle-convert flax, min-dalle, vqgan, clip", "dalle-convert", "flax", Fixtures.path("demo/dalle"), "-o",
            "b.dalle")
        try holds("dalle-convert inspect", "dalle-convert", "inspect", "demo.model", "--tensors")
        try holds("dalle-convert check", "dalle-convert", "check", "demo.model")
        try holds("dalle-convert export", "dalle-convert", "export", "demo.model", "-o", "e")
        try holds("dalle-convert merge", "dalle-convert", "merge", "b.dalle", "demo.model", "-o", "m.dalle")
        try holds("dalle-quant", "dalle-quant", "--int8", "demo.model", "-o", "q.dalle", "--compare")
        try holds("dalle-quant --dry-run", "dalle-quant", "--int8", "demo.model", "--dry-run")
    }
}
