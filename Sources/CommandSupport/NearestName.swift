import DalleFormat
import Foundation

/// Names that somebody may have meant.
enum NearestName {
    /// The name that takes the fewest changes to get from `name`, if few of its letters are changed.
    static func of(_ name: String, among names: some Sequence<String>) -> String? {
        let maximumChanges = max(1, name.count / 4)
        let near = names.map { ($0, distance(name.lowercased(), $0.lowercased())) }
            .filter { $0.1 <= maximumChanges && $0.0 != name }
        return near.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    /// Letters inserted, left out, replaced or exchanged with their neighbour.
    private static func distance(_ one: String, _ other: String) -> Int {
        let (a, b) = (Array(one), Array(other))
        guard abs(a.count - b.count) <= 8, a.count <= 256 else { return Int.max }
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
                row.append(best)
            }
            (before, last) = (last, row)
        }
        return last[b.count]
    }
}

extension DalleError {
    /// The same error of a file that is not there, with the name that may have been meant.
    ///
    /// - Parameter commands: what could stand in a file's place too.
    func suggestingName(commands: [String]) -> DalleError {
        guard code == .missingInput, remedy == nil, let file, PathKind(file) == .nothing else { return self }
        let slash = file.lastIndex(of: "/")
        let directory = slash.map { String(file[...$0]) } ?? ""
        let name = slash.map { String(file[file.index(after: $0)...]) } ?? file
        let files = (try? FileManager.default.contentsOfDirectory(atPath: slash == nil ? "." : directory)) ?? []
        let names = files.filter { !$0.hasPrefix(".") } + (slash == nil ? commands : [])
        guard let near = NearestName.of(name, among: names) else { return self }
        var error = self
        error.remedy = "Did you mean '\(directory)\(near)'?"
        return error
    }
}
