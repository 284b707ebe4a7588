import DalleConvert
import DalleFormat
import DalleRuntime
import DalleText
import Foundation

/// Reads a JSON list of texts and writes the list of what the normaliser hands to its rules: for text_agreement.py.
///
/// With the directory of the Python package Unidecode as its argument, the package's table spells the characters.
@main enum TextAgreement {
    static func main() throws {
        let texts = try JSONDecoder().decode([String].self, from: FileHandle.standardInput.readToEnd() ?? Data())
        let table = try CommandLine.arguments.dropFirst().first.map { try UnidecodeImport.table($0).table }
        let normalizer = TextNormalizer(words: nil, table: table)
        try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(texts.map(normalizer.spelled)))
    }
}
