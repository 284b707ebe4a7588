/// A cache-blocked matrix transpose, which most weights of Flax checkpoints need.
///
/// Element (row, column) of the target is element (column, row) of the source; strides are in elements. `runPlain` goes
/// element by element; `run` gathers a tile that fits the L1 cache and writes it out. So every cache line of source and
/// target is touched once whatever the strides are: with strides that are powers of two all lines map to the same few
/// cache sets.
struct Transpose {
    let rows: Int
    let columns: Int
    let sourceStride: Int
    let targetStride: Int

    /// Long enough along the source's rows for the hardware prefetcher.
    private static let tileRows = 256
    private static let tileColumns = 32

    func run<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, _ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer
    ) {
        let size = MemoryLayout<Element>.size
        withUnsafeTemporaryAllocation(byteCount: Self.tileRows * Self.tileColumns * size, alignment: 64) { space in
            guard let tile = space.baseAddress else { return }
            for row in stride(from: 0, to: rows, by: Self.tileRows) {
                for column in stride(from: 0, to: columns, by: Self.tileColumns) {
                    let part = Transpose(
                        rows: min(Self.tileRows, rows - row), columns: min(Self.tileColumns, columns - column),
                        sourceStride: sourceStride, targetStride: Self.tileColumns)
                    part.gather(Element.self, source + (column &* sourceStride &+ row) &* size, into: tile)
                    for line in 0..<part.rows {
                        (target + ((row &+ line) &* targetStride &+ column) &* size).copyMemory(
                            from: tile + line &* Self.tileColumns &* size, byteCount: part.columns &* size)
                    }
                }
            }
        }
    }

    func runPlain<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, _ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer
    ) {
        runPlain(Element.self, source, into: target, 0..<rows, 0..<columns)
    }

    private func runPlain<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, _ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer, _ rows: Range<Int>,
        _ columns: Range<Int>
    ) {
        let size = MemoryLayout<Element>.size
        for column in columns {
            for row in rows {
                let value = source.loadUnaligned(
                    fromByteOffset: (column &* sourceStride &+ row) &* size, as: Element.self)
                target.storeBytes(
                    of: value, toByteOffset: (row &* targetStride &+ column) &* size, as: Element.self)
            }
        }
    }

    private func gather<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, _ source: UnsafeRawPointer, into tile: UnsafeMutableRawPointer
    ) {
        switch MemoryLayout<Element>.size {
        case 2: gatherBlocks(Element.self, 4, source, into: tile, transposeBlock4)
        case 4: gatherBlocks(Element.self, 2, source, into: tile, transposeBlock2)
        default: runPlain(Element.self, source, into: tile)
        }
    }

    /// Blocks that fit machine words by `transpose`, the rest at the edges element by element.
    @inline(__always)
    private func gatherBlocks<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, _ block: Int, _ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer,
        _ transpose: (UnsafeRawPointer, UnsafeMutableRawPointer) -> Void
    ) {
        let size = MemoryLayout<Element>.size
        let below = rows - rows % block, right = columns - columns % block
        for column in stride(from: 0, to: right, by: block) {
            for row in stride(from: 0, to: below, by: block) {
                transpose(
                    source + (column &* sourceStride &+ row) &* size, target + (row &* targetStride &+ column) &* size)
            }
        }
        runPlain(Element.self, source, into: target, 0..<below, right..<columns)
        runPlain(Element.self, source, into: target, below..<rows, 0..<columns)
    }

    /// Four rows of four 16-bit elements, one row per word: swap elements in pairs, then pairs of pairs.
    @inline(__always)
    private func transposeBlock4(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer) {
        let low: UInt64 = 0x0000_FFFF_0000_FFFF
        let a = word(source, 0, 2), b = word(source, 1, 2), c = word(source, 2, 2), d = word(source, 3, 2)
        let ab0 = a & low | (b & low) &<< 16, ab1 = (a &>> 16) & low | b & ~low
        let cd0 = c & low | (d & low) &<< 16, cd1 = (c &>> 16) & low | d & ~low
        setWord(target, 0, 2, ab0 & 0xFFFF_FFFF | cd0 &<< 32)
        setWord(target, 1, 2, ab1 & 0xFFFF_FFFF | cd1 &<< 32)
        setWord(target, 2, 2, ab0 &>> 32 | cd0 & ~0xFFFF_FFFF)
        setWord(target, 3, 2, ab1 &>> 32 | cd1 & ~0xFFFF_FFFF)
    }

    /// Two rows of two 32-bit elements.
    @inline(__always)
    private func transposeBlock2(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer) {
        let a = word(source, 0, 4), b = word(source, 1, 4)
        setWord(target, 0, 4, a & 0xFFFF_FFFF | b &<< 32)
        setWord(target, 1, 4, a &>> 32 | b & ~0xFFFF_FFFF)
    }

    @inline(__always)
    private func word(_ source: UnsafeRawPointer, _ line: Int, _ size: Int) -> UInt64 {
        UInt64(littleEndian: source.loadUnaligned(fromByteOffset: line &* sourceStride &* size, as: UInt64.self))
    }

    @inline(__always)
    private func setWord(_ target: UnsafeMutableRawPointer, _ line: Int, _ size: Int, _ word: UInt64) {
        target.storeBytes(of: word.littleEndian, toByteOffset: line &* targetStride &* size, as: UInt64.self)
    }
}
