public import Foundation

/// A command of this package under limits that a shell sets, and killed if it does not end.
public struct LimitedCommand {
    /// Nil when it had to be killed.
    public let status: Int32?
    public let output: String
    public let error: String
    public let seconds: Double

    /// - Parameters:
    ///   - limits: What the shell is to do first, as `ulimit -v 200000`.
    ///   - most: Seconds that it may take.
    public init(
        _ name: String, _ arguments: [String], in directory: URL? = nil, limits: String, most: Double = 120
    ) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments =
            ["-c", "\(limits); exec \"$0\" \"$@\"", Command.directory.appending(path: name).path] + arguments
        if let directory { process.currentDirectoryURL = directory }
        let scratch = try TemporaryDirectory()
        let files = ["out", "err"].map { scratch.url.appending(path: $0) }
        for file in files { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        let start = ContinuousClock.now
        try process.run()
        var isKilled = false
        while process.isRunning {
            if !isKilled, (ContinuousClock.now - start) / .seconds(1) > most {
                isKilled = true
                kill(process.processIdentifier, SIGKILL)
            }
            usleep(5000)
        }
        seconds = (ContinuousClock.now - start) / .seconds(1)
        status = isKilled ? nil : process.terminationStatus
        output = String(decoding: try Data(contentsOf: files[0]), as: UTF8.self)
        error = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
    }
}
