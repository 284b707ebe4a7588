public import Foundation

/// A command of this package, run as a user runs it.
public struct Command {
    public let status: Int32
    public let output: String
    public let error: String

    /// Where the commands lie that were built with these tests.
    public static var directory: URL {
        #if os(macOS)
            Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL.deletingLastPathComponent()
                ?? URL(filePath: ".build/debug")
        #else
            URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        #endif
    }

    /// Runs `name` in a directory, with what is to be changed of the environment.
    ///
    /// - Parameter input: What comes through a pipe on standard input; a few kilobytes at most.
    public init(
        _ name: String, _ arguments: [String], in directory: URL? = nil, environment: [String: String] = [:],
        input: Data? = nil
    ) throws {
        try self.init(
            executable: Self.directory.appending(path: name), arguments, in: directory, environment: environment,
            input: input)
    }

    /// Runs any program.
    public init(
        executable: URL, _ arguments: [String], in directory: URL? = nil, environment: [String: String] = [:],
        input: Data? = nil
    ) throws {
        let process = Self.process(executable, arguments, in: directory)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        // Files instead of pipes: no reader has to keep up.
        let scratch = try TemporaryDirectory()
        let files = ["out", "err"].map { scratch.url.appending(path: $0) }
        for file in files { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        if let input {
            let pipe = Pipe()
            process.standardInput = pipe
            try pipe.fileHandleForWriting.write(contentsOf: input)
            try pipe.fileHandleForWriting.close()
        }
        try process.run()
        process.waitUntilExit()
        status = process.terminationStatus
        output = String(decoding: try Data(contentsOf: files[0]), as: UTF8.self)
        error = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
    }

    /// Runs a shell's script in a directory, with the commands in its PATH.
    public init(shell script: String, in directory: URL) throws {
        try self.init(
            executable: URL(filePath: "/bin/sh"), ["-c", script], in: directory,
            environment: [
                "PATH": "\(Self.directory.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
            ])
    }

    /// Starts `name` without waiting for it, its output thrown away.
    public static func start(_ name: String, _ arguments: [String], in directory: URL? = nil) throws -> Process {
        let process = process(Self.directory.appending(path: name), arguments, in: directory)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func process(_ executable: URL, _ arguments: [String], in directory: URL?) -> Process {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        if let directory { process.currentDirectoryURL = directory }
        return process
    }

    /// The JSON object that was printed.
    public func json() throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
    }
}
