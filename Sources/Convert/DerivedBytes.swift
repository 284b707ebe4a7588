import DalleFormat
import DalleThreads

/// Bytes that come out of a file only by work on it, such as inflating: made when they are first needed, and kept while
/// somebody reads them.
final class DerivedBytes: Sendable {
    let byteCount: Int
    /// The file that they come from, and the part of it.
    let source: [String]
    private let make: @Sendable () throws(DalleError) -> MappedFile
    private let made = Monitor<MappedFile?>(nil)

    /// - Parameters:
    ///   - source: the file, and what of it; equal where the bytes are.
    ///   - make: gives `byteCount` bytes, each time the same.
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

    /// Lets go of the bytes; the next one who needs them has them made again.
    func drop() { made.withLock { $0 = nil } }
}
