import DalleThreads

extension ModelFile {
    /// A part of a file that is not what was written.
    public struct Damage: Sendable, Equatable {
        /// The tensor; none when it is the padding between two.
        public let tensor: String?
        /// Which of the tensor's chunks.
        public let chunk: Int?
        /// Where the damaged bytes lie; something among them is wrong.
        public let range: Range<Int>
        public let message: String

        /// The error that reading it gives.
        func error(_ path: String) -> DalleError {
            DalleError(
                .badData, message, remedy: "Copy or convert the file again", file: path, item: tensor,
                offset: range.lowerBound)
        }
    }

    /// Compares every chunk with its checksum, integers with what their layout has, and everything between tensors
    /// with zero.
    ///
    /// - Parameters:
    ///   - decoding: Every tensor is decoded too and compared with its digest. That can only find mistakes of whoever
    ///     wrote the file.
    ///   - progress: called with the number of bytes checked since the last call.
    /// - Returns: All that is damaged, in file order.
    public func damages(
        threads: Int = 1, decoding: Bool = false, progress: @Sendable (Int) -> Void = { _ in }
    ) throws(DalleError) -> [Damage] {
        let places = tensors.indices.flatMap { index in tensors[index].chunks.indices.map { (index, $0) } }
        let found = Collected<(Int, Damage)>()
        try Parallel.forEach(places.count, threads: threads) { i throws(DalleError) in
            let (index, number) = places[i]
            let chunk = tensors[index].chunks[number]
            if !isWhole(chunk) {
                found.append((i, damage(index, number)))
            } else if let fault = storedFault(index, number) ?? encodedFault(index, number) {
                found.append((i, fault))
            }
            file.release(chunk.range)
            progress(chunk.range.count)
        }
        var all = found.items.sorted { $0.0 < $1.0 }.map(\.1) + damagedPadding
        if decoding {
            let damaged = Set(all.compactMap(\.tensor))
            for (index, tensor) in tensors.enumerated() where !damaged.contains(tensor.name) {
                if let damage = decodingDamage(index, threads: threads) { all.append(damage) }
            }
        }
        return all.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// The same, with the first damage as an error.
    public func check(threads: Int = 1, progress: @Sendable (Int) -> Void = { _ in }) throws(DalleError) {
        if let first = try damages(threads: threads, progress: progress).first { throw first.error(path) }
    }

    func isWhole(_ chunk: Chunk) -> Bool { file.withUnsafeBytes(chunk.range, Checksum.chunk) == chunk.checksum }

    /// What a chunk of integers holds that its layout does not have, if it lies in the file as it is.
    func storedFault(_ index: Int, _ number: Int) -> Damage? {
        let (tensor, chunk) = (tensors[index], tensors[index].chunks[number])
        guard chunk.encoding == .stored, let packing = tensor.packing else { return nil }
        return file.withUnsafeBytes(chunk.range) { packing.fault($0, at: number * tensor.chunkByteCount) }.map {
            Damage(tensor: tensor.name, chunk: number, range: chunk.range, message: $0)
        }
    }

    /// The same of a chunk that has to be decoded for it.
    private func encodedFault(_ index: Int, _ number: Int) -> Damage? {
        let (tensor, chunk) = (tensors[index], tensors[index].chunks[number])
        guard chunk.encoding != .stored, tensor.packing != nil else { return nil }
        do throws(DalleError) {
            _ = try bytes(index, tensor.byteRange(ofChunk: number), threads: 1)
            return nil
        } catch {
            return Damage(tensor: tensor.name, chunk: number, range: chunk.range, message: error.message)
        }
    }

    func damage(_ index: Int, _ number: Int) -> Damage {
        Damage(
            tensor: tensors[index].name, chunk: number, range: tensors[index].chunks[number].range,
            message: "chunk \(number) is damaged: its checksum does not match")
    }

    private var damagedPadding: [Damage] {
        var found: [Damage] = []
        var end = FileHead.byteCount
        for chunk in tensors.lazy.flatMap(\.chunks) {
            let gap = end..<chunk.range.lowerBound
            if file.withUnsafeBytes(gap, { $0.contains { $0 != 0 } }) {
                found.append(Damage(tensor: nil, chunk: nil, range: gap, message: "the padding is damaged"))
            }
            end = chunk.range.upperBound
        }
        return found
    }

    /// Decoded at a time, unless a chunk is larger.
    private static let decodedByteCount = 64 << 20

    private func decodingDamage(_ index: Int, threads: Int) -> Damage? {
        let tensor = tensors[index]
        func damage(_ message: String) -> Damage {
            let start = tensor.chunks.first?.range.lowerBound ?? 0
            return Damage(
                tensor: tensor.name, chunk: nil, range: start..<start + tensor.storedByteCount, message: message)
        }
        // Whole chunks, some for each thread, so that a tensor that stands for far more than the file takes no more memory.
        let chunks = max(min(4 * threads, Self.decodedByteCount / tensor.chunkByteCount), 1)
        let stream = DigestStream()
        do throws(DalleError) {
            for start in stride(from: 0, to: tensor.byteCount, by: chunks * tensor.chunkByteCount) {
                let end = min(start + chunks * tensor.chunkByteCount, tensor.byteCount)
                let bytes = try bytes(index, start..<end, threads: threads)
                bytes.withUnsafeBytes { stream.update($0) }
                bytes.release()
            }
            return stream.digest == tensor.digest ? nil : damage("its bytes do not have the digest of the index")
        } catch {
            return damage(error.message)
        }
    }
}
