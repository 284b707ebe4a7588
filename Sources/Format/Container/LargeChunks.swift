import DalleThreads

/// The chunks that were decoded last, of those that are larger than the pieces they are read in.
///
/// Two at a time: pieces that several threads read lie side by side.
final class LargeChunks: Sendable {
    private final class Entry: Sendable {
        let number: Int
        let bytes = Monitor<TensorBytes?>(nil)

        init(_ number: Int) { self.number = number }
    }

    private static let maximumCount = 2

    /// The one used last at the end.
    private let entries = Monitor<[Entry]>([])

    /// A chunk, by its number in the file; who comes while another decodes it waits for that.
    func chunk(
        _ number: Int, _ decode: () throws(DalleError) -> TensorBytes
    ) throws(DalleError) -> TensorBytes {
        let entry = entries.withLock { entries in
            let place = entries.firstIndex { $0.number == number }
            let entry = place.map { entries.remove(at: $0) } ?? Entry(number)
            entries = (entries + [entry]).suffix(Self.maximumCount)
            return entry
        }
        return try entry.bytes.withLock { bytes throws(DalleError) in
            if let bytes { return bytes }
            let decoded = try decode()
            bytes = decoded
            return decoded
        }
    }

    func removeAll() { entries.withLock { $0 = [] } }
}
