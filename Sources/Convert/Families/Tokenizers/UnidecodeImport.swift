public import DalleFormat
public import DalleModels

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Takes over the table of an installed Python package Unidecode: its files `x000.py` to `xeff.py`.
///
/// Each gives the spellings of 256 characters as a tuple of string literals, which are read and never run.
public enum UnidecodeImport {
    /// No file of the package comes near.
    private static let maximumFileByteCount = 1 << 20
    /// Beyond them are private characters, which the package leaves out whatever its files say.
    private static let lastSection = 0xEFF

    /// - Parameter directory: the package's own, or the one that it is installed in.
    /// - Throws: `missingInput` when there are no such files, `badData` with file and offset when one is not a tuple of
    ///   at most 256 string literals and None.
    public static func table(_ directory: String) throws(DalleError) -> (table: CharacterTable, files: [String]) {
        let inner = directory + "/unidecode"
        let directory = PathKind(inner) == .directory ? inner : directory
        var sections: [Int: [[UInt8]]] = [:]
        var files: [String] = []
        for (section, name) in try names(in: directory) {
            let path = "\(directory)/\(name)"
            do throws(DalleError) {
                sections[section] = try spellings(path)
            } catch {
                throw error.located(file: path)
            }
            files.append(path)
        }
        guard !files.isEmpty else {
            throw DalleError(
                .missingInput, "holds no x000.py to xeff.py",
                remedy:
                    "Name the directory of the installed package: python3 -c 'import unidecode; print(unidecode.__path__[0])'",
                file: directory)
        }
        do throws(DalleError) {
            return (try CharacterTable(sections: sections), files)
        } catch {
            throw error.located(file: directory)
        }
    }

    /// The same as a part of a model.
    static func read(_ directory: String) throws(DalleError) -> ImportedComponent {
        let (table, files) = try table(directory)
        return ImportedComponent(
            component: CharacterTable.component,
            tensors: [.init(name: CharacterTable.tensorName, source: try table.tensor(), isWeight: false)],
            files: files)
    }

    /// The table's files by the section that their names tell.
    private static func names(in directory: String) throws(DalleError) -> [(Int, String)] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw DalleError(
                .missingInput, "is no directory that can be read", remedy: "Name the package's directory",
                file: directory)
        }
        return names.compactMap { name in
            let digits = name.dropFirst().dropLast(".py".count)
            guard name.hasPrefix("x"), name.hasSuffix(".py"), digits.utf8.count == 3,
                digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
                let section = Int(digits, radix: 16), section <= lastSection
            else { return nil }
            return (section, name)
        }.sorted { $0.0 < $1.0 }
    }

    /// The spellings of one file's characters.
    static func spellings(_ path: String) throws(DalleError) -> [[UInt8]] {
        let file = try MappedFile(path)
        guard file.count <= maximumFileByteCount else {
            throw DalleError(.badData, "has \(file.count) bytes, expected at most \(maximumFileByteCount)")
        }
        let source = try file.withUnsafeBytes(0..<file.count) { bytes throws(DalleError) in Array(bytes) }
        var reader = PythonTuple(source, maximumCount: CharacterTable.sectionLength)
        return try reader.assignment(to: "data")
    }
}
