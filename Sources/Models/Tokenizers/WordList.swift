public import DalleFormat

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Words in order of frequency, most frequent first: what hashtags are split with.
///
/// In a model file: one tensor `list` (uint8) with the words one after the other, a line feed between them. The list
/// stays in the file until it is needed.
public struct WordList: Sendable {
    /// The name of the part that a converter writes.
    public static let componentName = "words"

    public static let component = Component(name: componentName, kind: .wordFrequencies, configuration: MetadataMap())
    public static let tensorName = componentName + ".list"

    /// Ten times the list of all words of the English Wikipedia; what a damaged file may make a reader allocate.
    private static let largestList = 256 << 20

    private let file: ModelFile
    private let tensor: String

    /// The word list of a model file; nil when it has none.
    ///
    /// - Throws: `badData` when its tensor is missing or of another kind.
    public init?(_ file: ModelFile) throws(DalleError) {
        guard let component = try file.component(.wordFrequencies) else { return nil }
        try file.requireOnly(["list"], of: component)
        let name = component.name + ".list"
        guard let tensor = file.descriptor(name), tensor.dtype == .uint8, tensor.shape.rank == 1,
            tensor.byteCount <= Self.largestList
        else {
            throw DalleError(
                .badData, "is missing or not a row of bytes", remedy: "Convert the checkpoint again", file: file.path,
                item: name)
        }
        self.file = file
        self.tensor = name
    }

    /// Calls `body` with each word's bytes and its rank, which counts from 1.
    ///
    /// A word that occurs twice comes twice.
    public func forEach(_ body: (_ word: UnsafeRawBufferPointer, _ rank: Int) -> Void) throws(DalleError) {
        let bytes = try file.bytes(of: tensor)
        defer { bytes.release() }
        bytes.withUnsafeBytes { list in
            guard let base = list.baseAddress, !list.isEmpty else { return }
            var (start, rank) = (0, 0)
            while start <= list.count {
                let lineFeed = memchr(base + start, Int32(UInt8(ascii: "\n")), list.count - start)
                let end = lineFeed.map { UnsafeRawPointer($0) - base } ?? list.count
                rank += 1
                body(UnsafeRawBufferPointer(rebasing: list[start..<end]), rank)
                start = end + 1
            }
        }
    }
}
