import DalleFormat
import DalleThreads

/// Bytes computed from a file, such as a decompressed zip member: made on first use and cached until dropped.
final class DerivedBytes: Sendable {
    let byteCount: Int
    /// The file and the member in it that they come from.
    let source: [String]
    private let make: @Sendable () throws(DalleError) -> MappedFile
    private let made = Monitor<MappedFile?>(nil)

    /// - Parameters:
    ///   - source: the file and the member in it; equal exactly when the bytes are.
    ///   - make: returns `byteCount` bytes, the same every time.
    init(byteCount: Int, source: [String], _ make: @escaping @Sendable () throws(DalleError) -> MappedFile) {
        (self.byteCount, self.source, self.make) = (byteCount, source, make)
    }

    func bytes() throws(DalleError) -> MappedFile {
        try made.withLock { made throws(DalleError) in
            if let made { return made }
            let bytes = try make()
            guard bytes.count == byteCount else {
                throw DalleError(.fault, "\(bytes.count) bytes instead of \(byteCount)", file: bytes.path)
            }
            made = bytes
            return bytes
        }
    }

    /// Frees the bytes; the next use makes them again.
    func drop() { made.withLock { $0 = nil } }
}
