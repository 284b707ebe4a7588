import DalleConvert
public import DalleFormat

/// The arrays of a reference: what an original program computed, as an .npz file.
public struct Reference: Sendable {
    public let path: String
    private let archive: ZipArchive

    /// Bounds what one array may take.
    private static let maximumByteCount = 1 << 30

    /// - Throws: `missingInput` when there is no such file, `badData` when it is no .npz file.
    public init(_ path: String) throws(DalleError) {
        self.path = path
        archive = try ZipArchive(try MappedFile(path))
    }

    /// Names of the arrays, in file order.
    public var names: [String] {
        archive.members.map { $0.name.hasSuffix(".npy") ? String($0.name.dropLast(4)) : $0.name }
    }

    public func has(_ name: String) -> Bool { archive["\(name).npy"] != nil }

    public func array(_ name: String) throws(DalleError) -> NPYArray {
        guard let member = archive["\(name).npy"] else {
            throw DalleError(.missingInput, "the array is not in the reference", file: path, item: name)
        }
        do throws(DalleError) {
            return try NPYArray(try archive.content(of: member, atMost: Self.maximumByteCount))
        } catch {
            throw error.located(file: path, item: name)
        }
    }
}
