import DalleFormat

/// PyTorch's container since 1.6: a zip archive with the pickle in `data.pkl` and each storage as `data/KEY`.
///
/// PyTorch stores its members as they are; one that was packed again may have them deflated.
struct TorchZipContainer: TorchContainer {
    let file: MappedFile
    let pickle: Pickle
    let pickleFile: MappedFile
    let pickleStart: Int
    private let archive: ZipArchive
    /// The folder that all members lie in, with its stroke.
    private let root: String

    init(_ file: MappedFile) throws(DalleError) {
        self.file = file
        archive = try ZipArchive(file, checksumsMayBeOff: true)
        let pickles = archive.members.filter { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") }
        guard pickles.count == 1 else {
            throw DalleError(
                .badData, "is a zip archive with \(pickles.count) members named data.pkl, expected one",
                remedy: "Name the checkpoint that PyTorch wrote")
        }
        let member = pickles[0]
        root = String(member.name.dropLast("data.pkl".count))
        // Files from before there was such a record are little-endian.
        if let order = archive[root + "byteorder"] {
            guard try archive.content(of: order, atMost: 64) == Array("little".utf8) else {
                throw DalleError(
                    .badData, "was written by a machine of another byte order",
                    remedy: "Load it with PyTorch on an ordinary machine and save it again", item: order.name)
            }
        }
        if member.method == .stored { try archive.verify(member) }
        let (pickleFile, range) = try archive.bytes(of: member)
        (self.pickleFile, pickleStart) = (pickleFile, range.lowerBound)
        pickle = try Self.pickle(pickleFile, range, name: member.name)
    }

    private static func pickle(_ file: MappedFile, _ range: Range<Int>, name: String) throws(DalleError) -> Pickle {
        do throws(DalleError) {
            var reader = ByteReader(file.bytes.extracting(range))
            let pickle = try PickleMachine.run(&reader)
            guard reader.isAtEnd else {
                throw DalleError(.badData, "\(reader.remaining) bytes follow the pickle", offset: reader.offset)
            }
            return pickle
        } catch {
            var error = error.located(file: file.path, item: name)
            error.offset = error.offset.map { range.lowerBound + $0 }
            throw error
        }
    }

    func storage(_ key: String, _ type: PickleStorageType, count: Int) throws(DalleError) -> CheckpointStorage {
        guard let member = archive[root + "data/" + key] else {
            throw DalleError(
                .badData, "the storage '\(key)' is missing", remedy: "The file is damaged: get it again")
        }
        try type.require(count, in: member.byteCount, key: key, offset: member.range.lowerBound)
        guard member.method == .stored else {
            try archive.requireInflatable(member)
            let content = DerivedBytes(byteCount: member.byteCount, source: [file.path, member.name]) {
                [archive] () throws(DalleError) in try archive.bytes(of: member).file
            }
            return try CheckpointStorage(content, elementSize: type.byteCount)
        }
        let check = IntegrityCheck { [archive] () throws(DalleError) in try archive.verify(member) }
        let chunk = CheckpointStorage.Chunk(file: file, range: member.range)
        return try CheckpointStorage([chunk], elementSize: type.byteCount, check: check)
    }
}
