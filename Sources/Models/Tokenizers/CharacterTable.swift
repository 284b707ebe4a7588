public import DalleFormat

/// How characters are spelled in ASCII, as the library that made a model's captions had it.
///
/// In a model file: one tensor `spellings` (uint8). For each section of 256 characters its number (uint16, the upper bits
/// of the code points; sections are in order, each once), then 256 spellings, each ended by a zero byte.
public struct CharacterTable: Sendable, Equatable {
    /// The name of the part that a converter writes.
    public static let componentName = "transliteration"

    public static let component = Component(name: componentName, kind: .transliteration, configuration: MetadataMap())
    public static let tensorName = componentName + ".spellings"

    /// Characters in a section.
    public static let sectionLength = 256
    /// Far above any table; what a damaged file may make a reader allocate.
    private static let largestTensor = 16 << 20
    /// Code points have 21 bits.
    private static let lastSection = 0x10FF

    /// By section; only those in which some character has a spelling.
    private let sections: [Int: [[UInt8]]]

    /// - Parameter sections: spellings by the upper bits of the code points, at most 256 each; the rest has none.
    /// - Throws: `badData` for a section with too many characters or that no code point has, and for a spelling that is
    ///   not ASCII or holds a zero.
    public init(sections: [Int: [[UInt8]]]) throws(DalleError) {
        var checked: [Int: [[UInt8]]] = [:]
        for (section, spellings) in sections {
            guard (0...Self.lastSection).contains(section), spellings.count <= Self.sectionLength else {
                throw DalleError(
                    .badData,
                    "section \(section) has \(spellings.count) characters, expected at most "
                        + "\(Self.sectionLength) in sections 0 to \(Self.lastSection)")
            }
            if let index = spellings.firstIndex(where: { !$0.allSatisfy { (1..<0x80).contains($0) } }) {
                throw DalleError(
                    .badData, "the spelling of character \(index) in section \(section) is not in ASCII")
            }
            guard spellings.contains(where: { !$0.isEmpty }) else { continue }
            checked[section] =
                spellings + [[UInt8]](repeating: [], count: Self.sectionLength - spellings.count)
        }
        self.sections = checked
    }

    /// Characters that have a spelling.
    public var count: Int { sections.values.reduce(0) { $0 + $1.count { !$0.isEmpty } } }

    /// The spelling of a character beyond ASCII; empty where it has none.
    public func spelling(_ scalar: Unicode.Scalar) -> [UInt8] {
        sections[Int(scalar.value >> 8)]?[Int(scalar.value & 0xFF)] ?? []
    }

    /// The tensor to write.
    public func tensor() throws(DalleError) -> BytesSource {
        var bytes: [UInt8] = []
        for (section, spellings) in sections.sorted(by: { $0.key < $1.key }) {
            bytes += [UInt8(section & 0xFF), UInt8(section >> 8)]
            for spelling in spellings {
                bytes += spelling
                bytes.append(0)
            }
        }
        guard bytes.count <= Self.largestTensor else {
            throw DalleError(
                .badData, "the spellings take \(bytes.count) bytes, expected \(Self.largestTensor) at most")
        }
        return try BytesSource(bytes)
    }

    /// The table of a model file; nil when it has none.
    ///
    /// - Throws: `badData` when its tensor is missing, of another kind or damaged.
    public init?(_ file: ModelFile) throws(DalleError) {
        guard let component = try file.component(.transliteration) else { return nil }
        let name = component.name + ".spellings"
        let remedy = "Convert the checkpoint again"
        guard let tensor = file.descriptor(name), tensor.dtype == .uint8, tensor.shape.rank == 1,
            tensor.byteCount <= Self.largestTensor
        else {
            throw DalleError(
                .badData, "is missing or not a row of bytes", remedy: remedy, file: file.path, item: name)
        }
        let bytes = try file.bytes(of: name)
        defer { bytes.release() }
        do throws(DalleError) {
            try self.init(bytes: bytes.withUnsafeBytes { Array($0) })
        } catch {
            throw error.located(file: file.path, item: name)
        }
    }

    private init(bytes: [UInt8]) throws(DalleError) {
        var sections: [Int: [[UInt8]]] = [:]
        var (position, last) = (0, -1)
        while position < bytes.count {
            guard position + 1 < bytes.count else { throw Self.cutOff }
            let section = Int(bytes[position]) | Int(bytes[position + 1]) << 8
            guard section > last else {
                throw DalleError(.badData, "section \(section) comes after section \(last)")
            }
            position += 2
            var spellings: [[UInt8]] = []
            for _ in 0..<Self.sectionLength {
                guard let end = bytes[position...].firstIndex(of: 0) else { throw Self.cutOff }
                spellings.append(Array(bytes[position..<end]))
                position = end + 1
            }
            sections[section] = spellings
            last = section
        }
        try self.init(sections: sections)
    }

    private static let cutOff = DalleError(.badData, "ends inside a section", remedy: "Convert the checkpoint again")
}
