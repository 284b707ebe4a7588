import Foundation
import TestSupport
import Testing

@testable import DalleFormat

/// Files without a name until they are whole, and the twin for systems that cannot do that.
@Suite(.serialized) struct AtomicFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: directory.path(name), encoding: .utf8)
    }

    private func write(_ text: String, to name: String, replacing: Bool = false, named: Bool) throws {
        let file = try AtomicFile(directory.path(name), replacing: replacing, named: named)
        try file.append(Array(text.utf8))
        try file.commit()
    }

    @Test(arguments: [false, true])
    func onlyAWholeFileHasItsName(named: Bool) throws {
        do {
            let file = try AtomicFile(directory.path("a"), replacing: false, named: named)
            try file.append([1, 2, 3])
            #expect(!directory.contents.contains("a"))
        }
        #expect(directory.contents.isEmpty)
        try write("whole", to: "a", named: named)
        #expect(try text("a") == "whole" && directory.contents == ["a"])
    }

    @Test(arguments: [false, true])
    func replacesOnlyWhenAllowed(named: Bool) throws {
        try write("old", to: "a", named: named)
        let error = try #require(throws: DalleError.self) { try write("new", to: "a", named: named) }
        #expect(error.code == .cannotWrite && error.description.contains("--force"))
        // One that comes while the file is being written is kept too.
        let file = try AtomicFile(directory.path("b"), replacing: false, named: named)
        try file.append([1])
        try Data("theirs".utf8).write(to: directory.url.appending(path: "b"))
        #expect(throws: DalleError.self) { try file.commit() }
        #expect(try text("b") == "theirs" && text("a") == "old")
        try write("new", to: "a", replacing: true, named: named)
        #expect(try text("a") == "new")
    }

    @Test(arguments: [false, true])
    func followsLinks(named: Bool) throws {
        try FileManager.default.createDirectory(atPath: directory.path("disk"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: directory.path("link"), withDestinationPath: "disk/file")
        try write("one", to: "link", named: named)
        #expect(try text("disk/file") == "one")
        try write("two", to: "link", replacing: true, named: named)
        #expect(try text("disk/file") == "two")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: directory.path("link")) == "disk/file")
    }

    @Test func whatAKilledProcessLeftIsWrittenOver() throws {
        try Data("left over".utf8).write(to: directory.url.appending(path: "a.partial"))
        try write("new", to: "a", named: true)
        #expect(try text("a") == "new" && directory.contents == ["a"])
        let file = try AtomicFile(directory.path("b"), replacing: false, named: true)
        let error = try #require(throws: DalleError.self) {
            try AtomicFile(directory.path("b"), replacing: false, named: true)
        }
        #expect(error.message.contains("another process"))
        try file.commit()
    }

    /// A process that is killed while it replaces a file may leave the new one under the name between.
    @Test func whatAKilledProcessWasReplacingWithIsRemoved() throws {
        try Data("old".utf8).write(to: directory.url.appending(path: "a"))
        let between = directory.url.appending(path: "a.replacing")
        try Data("left over".utf8).write(to: between)
        do {
            let file = try AtomicFile(directory.path("a"), replacing: true)
            #expect(directory.contents == ["a"])
            // Somebody else's, who has it still.
            try Data("theirs".utf8).write(to: between)
            let theirs = try FileHandle(forUpdating: between)
            #expect(flock(theirs.fileDescriptor, LOCK_EX) == 0)
            #expect(!Descriptor.removeLeftover(between.path) && FileManager.default.fileExists(atPath: between.path))
            try theirs.close()
            try file.append([1])
            try file.commit()
        }
        #expect(directory.contents == ["a"])
        #expect(try Data(contentsOf: directory.url.appending(path: "a")) == Data([1]))
    }

    @Test func newDirectoriesGoIfNothingComesToLieInThem() throws {
        var directories = NewDirectories()
        try directories.make(directory.path("a/b/c/"))
        try directories.make(directory.path("a/b/d"))
        try Data().write(to: directory.url.appending(path: "a/b/d/file"))
        directories.removeEmpty()
        #expect(FileManager.default.fileExists(atPath: directory.path("a/b/d/file")))
        #expect(!FileManager.default.fileExists(atPath: directory.path("a/b/c")))
        let error = try #require(throws: DalleError.self) { try directories.make(directory.path("a/b/d/file/e")) }
        #expect(error.code == .cannotWrite)
        try directories.make(directory.path("a"))
        directories.removeEmpty()
        #expect(directory.contents == ["a"], "what was there stays")
    }

    @Test func saysBeforehandWhatCannotBeWritten() throws {
        try write("input", to: "input", named: true)
        let path = directory.path("input")
        try FileManager.default.linkItem(atPath: path, toPath: directory.path("same"))
        func refusal(_ path: String, replacing: Bool = true, bytes: Int = 0) throws -> String {
            try #require(throws: DalleError.self) {
                var claims = OutputClaims(replacing: replacing, inputs: [directory.path("input")])
                try claims.add(path, byteCount: bytes)
            }.description
        }
        #expect(try refusal(path).contains("is read here"))
        #expect(try refusal(directory.path("same")).contains("is read here"))
        #expect(try refusal(directory.url.path).contains("is a directory"))
        #expect(try refusal("/dev/null").contains("no regular file"))
        #expect(try refusal("-").contains("standard output"))
        #expect(try refusal(directory.path("no/where")).contains("no directory"))
        #expect(try refusal(directory.path("new"), bytes: 1 << 60).contains("needs 1152921504606846976 bytes"))
        var claims = OutputClaims(replacing: false, inputs: [path])
        try claims.add(directory.path("new"), byteCount: 1)
    }
}
