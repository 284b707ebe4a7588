import DalleThreads

/// Slots for chunks, and the thread that writes them: chunks go into the file in the order in which they are handed over,
/// while others are made in other slots.
///
/// The system lets only one thread at a time write into a file, so one thread does.
final class ChunkQueue: @unchecked Sendable {
    // The file is touched on the queue alone, and by others after `flush`.
    private let file: AtomicFile
    private let writing = SerialWork()
    private let idle: Monitor<[EncodingSlot]>
    private let failure = Monitor<DalleError?>(nil)

    /// The slots are made once: making them anew for each tensor leaves the allocator with holes that add up.
    ///
    /// - Throws: `noMemory` when there is not so much.
    init(_ file: AtomicFile, slots count: Int) throws(DalleError) {
        self.file = file
        var slots: [EncodingSlot] = []
        while slots.count < count { slots.append(try EncodingSlot()) }
        idle = Monitor(slots)
    }

    /// Appends chunks to a tensor: fills a slot for each and hands them over. Waits until so many slots are idle.
    ///
    /// - Parameters:
    ///   - count: No more than there are slots.
    ///   - fill: fills the slot of a chunk, on any thread.
    /// - Throws: what `fill` does, or what became of earlier chunks.
    func append(
        _ count: Int, to draft: TensorDraft, threads: Int,
        _ fill: @Sendable (EncodingSlot, Int) throws(DalleError) -> Void
    ) throws(DalleError) {
        let slots = (0..<count).map { _ in idle.wait { $0.popLast() } }
        do throws(DalleError) {
            if let error = failure.withLock({ $0 }) { throw error }
            try Parallel.forEach(count, threads: threads) { i throws(DalleError) in try fill(slots[i], i) }
        } catch {
            slots.forEach(giveBack)
            throw error
        }
        writing.add { [self] in
            for slot in slots {
                write(slot, draft)
                giveBack(slot)
            }
        }
    }

    private func write(_ slot: EncodingSlot, _ draft: TensorDraft) {
        guard failure.withLock({ $0 == nil }) else { return }
        do throws(DalleError) {
            try draft.append(slot.encoded, slot.encoding, slot.checksum, to: file)
            draft.digest(slot.bytes)
        } catch {
            failure.withLock { $0 = error }
        }
    }

    private func giveBack(_ slot: EncodingSlot) {
        slot.clear()
        idle.change { $0.append(slot) }
    }

    /// Waits until nothing is under way.
    func wait() { writing.wait() }

    /// Waits until everything is written; then the file may be touched.
    func flush() throws(DalleError) {
        wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
