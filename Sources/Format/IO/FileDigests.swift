import DalleThreads

/// The digests of whole files, taken by a thread of its own while something else is done with them.
///
/// It reads a file from front to back, which the system reads ahead, so that what is converted is often there already.
public final class FileDigests: Sendable {
    /// Bytes looked at before their pages are given back.
    private static let pieceByteCount = 4 << 20

    private let work = SerialWork()
    private let result = Monitor<Result<[Provenance.Source], DalleError>>(.success([]))

    /// Starts on files; one that is named twice is taken once.
    public init(_ paths: [String]) {
        var unique: [String] = []
        for path in paths where !unique.contains(path) { unique.append(path) }
        let files = unique
        work.add { [self] in
            let outcome: Result<[Provenance.Source], DalleError>
            do throws(DalleError) {
                outcome = .success(try Self.sources(files))
            } catch {
                outcome = .failure(error)
            }
            result.withLock { $0 = outcome }
        }
    }

    /// Waits for the digests, in the order of the paths.
    ///
    /// - Throws: `missingInput` when a file cannot be read.
    public func sources() throws(DalleError) -> [Provenance.Source] {
        work.wait()
        return try result.withLock { $0 }.get()
    }

    private static func sources(_ paths: [String]) throws(DalleError) -> [Provenance.Source] {
        var sources: [Provenance.Source] = []
        for path in paths {
            // A mapping of its own: giving its pages back takes none from whoever else reads the file.
            let file = try MappedFile(path)
            let stream = DigestStream()
            for start in stride(from: 0, to: file.count, by: pieceByteCount) {
                let piece = start..<min(start + pieceByteCount, file.count)
                file.withUnsafeBytes(piece) { stream.update($0) }
                file.release(piece)
            }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            sources.append(Provenance.Source(name: name, byteCount: file.count, digest: stream.digest))
        }
        return sources
    }
}
