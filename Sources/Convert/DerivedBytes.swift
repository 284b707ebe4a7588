import DalleFormat
import Synchronization

/// Bytes that come out of a file only by work on it, such as inflating: made when they are first needed, and kept while
/// somebody reads them.
final class DerivedBytes: Sendable {
    let byteCount: Int
    private let make: @Sendable () throws(DalleError) -> MappedFile
    private let made = Mutex<MappedFile?>(nil)

    /// - Parameter make: gives `byteCount` bytes, each time the same.
    init(byteCount: Int, _ make: @escaping @Sendable () throws(DalleError) -> MappedFile) {
        (self.byteCount, self.make) = (byteCount, make)
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
