#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The outputs of one command, each of which must have a file of its own: none takes the place of another, nor of a file
/// that is read, whether it may replace others or not.
///
///     var claims = OutputClaims(replacing: force, inputs: [model])
///     try claims.add("small.dalle")
///     try claims.add("report.json")
///
/// Files are told apart by what they are: links and `./name` are seen through. Everything that the process has read so
/// far counts as an input, and what standard input is read from; where the other two streams go counts as an output.
public struct OutputClaims {
    private let replacing: Bool
    private let inputs: Set<FileIdentity>
    private let streams: Set<FileIdentity>
    private var outputs: Set<FileIdentity> = []

    /// - Parameters:
    ///   - replacing: Existing files that are neither may be replaced.
    ///   - inputs: Files that will be read later.
    public init(replacing: Bool, inputs: [String] = []) {
        self.replacing = replacing
        let files = FilesRead.paths.union(inputs).compactMap { FileIdentity($0) }
        self.inputs = Set(files + [FileIdentity(descriptor: 0)].compactMap { $0 })
        streams = Set([1, 2].compactMap { FileIdentity(descriptor: $0) })
    }

    /// Claims a file for an output.
    ///
    /// - Parameters:
    ///   - makingDirectory: Its directory will be made if it is not there.
    ///   - byteCount: At least so many bytes will be written.
    ///   - orStandardOutput: `-` is standard output, which then takes this and nothing else.
    /// - Throws: `cannotWrite` when it cannot be written or is an input, `usage` when another output has it.
    public mutating func add(
        _ path: String, makingDirectory: Bool = false, byteCount: Int = 0, orStandardOutput: Bool = false
    ) throws(DalleError) {
        let isStream = orStandardOutput && path == OutputPath.standardOutput
        let identity = isStream ? FileIdentity(descriptor: 1) : FileIdentity(path)
        if let identity, inputs.contains(identity) {
            throw DalleError(
                .cannotWrite, "is read here, so it is not written over", remedy: "Give another name", file: path)
        }
        if isStream {
            guard isatty(1) == 0 else {
                throw DalleError(
                    .usage, "is a terminal, which shows no pictures",
                    remedy: "Send it to a file or a program, or name a file with -o", file: "standard output")
            }
            return
        }
        if let identity, streams.contains(identity) {
            throw DalleError(
                .usage, "is where standard output or standard error goes", remedy: "Give another name", file: path)
        }
        if let identity, outputs.contains(identity) {
            throw DalleError(.usage, "is the name of two outputs", remedy: "Name them differently", file: path)
        }
        try OutputPath.check(
            path, replacing: replacing, makingDirectory: makingDirectory, byteCount: byteCount)
        if let identity { outputs.insert(identity) }
    }
}
