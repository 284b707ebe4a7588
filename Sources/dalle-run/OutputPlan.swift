import DalleFormat
import DalleRuntime
import Foundation

/// Which images are drawn and which files they go to.
struct OutputPlan {
    /// All images to draw, prompt by prompt.
    private(set) var requests: [Request]
    /// The file of each of them, the same for all of a sheet.
    private(set) var paths: [String]
    /// Images of a sheet.
    let total: Int
    /// Columns of the one picture that holds all images; nil when each has its own file.
    let columns: Int?
    let replacing: Bool
    /// Pictures that exist are not drawn again.
    let skipsExisting: Bool
    /// Files that existed before.
    private(set) var skipped: [String] = []
    /// Files that pictures go to.
    var fileCount: Int { Set(paths).count }
    /// The picture goes to standard output.
    var isStream: Bool { paths.first == OutputPath.standardOutput }
    private let makesDirectories: Bool
    /// One picture is written of each prompt.
    private let writesOne: Bool

    /// - Parameters:
    ///   - count: Images of each prompt.
    ///   - keep: How many of them are written; nil writes all. Which is not known before, so each has a name.
    init(
        texts: [String], name: OutputName, seed: UInt32, count: Int, keep: Int?, columns: Int?, replacing: Bool,
        skipsExisting: Bool
    ) {
        let seeds = (0..<count).map { seed &+ UInt32(truncatingIfNeeded: $0) }
        let requests = texts.enumerated().flatMap { number, text in
            seeds.map { Request(prompt: text, seed: $0, group: number) }
        }
        self.columns = columns
        self.replacing = replacing
        self.skipsExisting = skipsExisting
        makesDirectories = name.makesDirectories
        let written = keep ?? count
        total = texts.count * written
        writesOne = written == 1
        var paths =
            columns == nil
            ? name.paths(texts, seeds: seeds, written: written).flatMap { $0 }
            : requests.map { _ in name.path(ofAll: texts, seed: seed) }
        var isDrawn = requests.map { _ in true }
        if skipsExisting {
            let isThere = Dictionary(uniqueKeysWithValues: Set(paths).map { ($0, PathKind($0) == .file) })
            skipped = isThere.filter(\.value).keys.sorted()
            // Of a prompt whose best are kept, all are drawn again unless so many are there.
            let groups = columns != nil ? [requests.indices] : texts.indices.map { $0 * count..<($0 + 1) * count }
            for group in groups {
                let there = Set(paths[group].filter { isThere[$0] == true })
                for index in group {
                    isDrawn[index] =
                        keep == nil || columns != nil
                        ? isThere[paths[index]] != true : there.count < min(written, Set(paths[group]).count)
                }
            }
        }
        paths = zip(paths, isDrawn).filter(\.1).map(\.0)
        self.paths = paths
        self.requests = zip(requests, isDrawn).filter(\.1).map(\.0)
    }

    /// Refuses before the work what could not be written after it.
    ///
    /// - Parameter directories: Those that are made for them.
    func check(also other: String?, making directories: inout NewDirectories) throws(DalleError) {
        var owners: [String: Int] = [:]
        var claims = OutputClaims(replacing: replacing)
        guard !isStream || columns != nil || total == 1 else {
            throw DalleError(
                .usage, "takes one picture, and there would be \(total)",
                remedy: "Put them into one with --grid, or give -o a directory", file: "standard output")
        }
        if let other, other != OutputPath.standardOutput { try claims.add(other) }
        for (path, request) in zip(paths, requests) where !skipped.contains(path) {
            // Of a prompt only the best may get the name; all images of a sheet share it.
            let isShared = columns != nil || (writesOne && owners[path] == request.group)
            if isShared, owners[path] != nil { continue }
            guard owners.updateValue(request.group, forKey: path) == nil else {
                throw DalleError(
                    .usage, "is the name of two outputs", remedy: "Tell them apart with {seed} and {n}", file: path)
            }
            try claims.add(path, makingDirectory: makesDirectories, orStandardOutput: true)
        }
        guard makesDirectories else { return }
        for path in owners.keys.sorted() {
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { continue }
            try directories.make(String(path[..<slash]))
        }
    }
}
