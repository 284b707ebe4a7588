import DalleFormat

/// PyTorch's container since 1.6: a zip archive with the pickle in `data.pkl` and each storage as `data/KEY`.
struct TorchZipContainer: TorchContainer {
    let file: MappedFile
    let pickle: Pickle
    private let archive: ZipArchive
    /// The folder that all members lie in, with its stroke.
    private let root: String

    init(_ file: MappedFile) throws(DalleError) {
        self.file = file
        archive = try ZipArchive(file)
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
        try archive.verify(member)
        pickle = try Self.pickle(file, try archive.storedRange(of: member), name: member.name)
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

    func storage(_ key: String, _ dtype: DType, count: Int) throws(DalleError) -> ForeignStorage {
        guard let member = archive[root + "data/" + key] else {
            throw DalleError(
                .badData, "the storage '\(key)' is missing", remedy: "The file is damaged: get it again")
        }
        let range = try archive.storedRange(of: member)
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: dtype.byteCount)
        guard !overflow, byteCount == range.count else {
            throw DalleError(
                .badData, "the storage '\(key)' holds \(range.count) bytes, expected \(count) elements of \(dtype)",
                remedy: "The file is damaged: get it again", offset: range.lowerBound)
        }
        let check = IntegrityCheck { [archive] () throws(DalleError) in try archive.verify(member) }
        let piece = ForeignStorage.Piece(file: file, range: range)
        return try ForeignStorage([piece], elementSize: dtype.byteCount, check: check)
    }
}
