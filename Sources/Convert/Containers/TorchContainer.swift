import DalleFormat

/// A way to keep a pickle and the bytes of its storages in one file.
protocol TorchContainer: Sendable {
    var file: MappedFile { get }
    var pickle: Pickle { get }
    /// The bytes that the pickle was read from, and where in them its own ranges are counted from.
    var pickleFile: MappedFile { get }
    var pickleStart: Int { get }

    /// The bytes of a storage.
    ///
    /// - Throws: `badData` when there are none under `key`, or not exactly `count` elements.
    func storage(_ key: String, _ type: PickleStorageType, count: Int) throws(DalleError) -> CheckpointStorage
}

extension PickleStorageType {
    /// Refuses a storage whose bytes are not those of so many elements.
    func require(_ count: Int, in found: Int, key: String, offset: Int) throws(DalleError) {
        let (expected, overflow) = count.multipliedReportingOverflow(by: byteCount)
        guard !overflow, expected == found else {
            throw DalleError(
                .badData,
                "the storage '\(key)' holds \(found) bytes, expected \(count) elements of "
                    + (dtype.map { "\($0)" } ?? name),
                remedy: "The file is damaged: get it again", offset: offset)
        }
    }
}
