@testable import DalleKernels

/// Weights in memory of their own.
final class HeldWeights: WeightMemory {
    // Written once, by the initializer.
    private nonisolated(unsafe) let values: UnsafeMutableRawBufferPointer
    private nonisolated(unsafe) let scales: UnsafeMutableRawBufferPointer

    private init(_ values: UnsafeRawBufferPointer, _ scales: [Float]) {
        self.values = .allocate(byteCount: values.count, alignment: 64)
        self.values.copyMemory(from: values)
        self.scales = .allocate(byteCount: max(4 * scales.count, 4), alignment: 64)
        scales.withUnsafeBytes { self.scales.copyMemory(from: $0) }
    }

    deinit {
        values.deallocate()
        scales.deallocate()
    }

    func release() {}

    /// - Parameter stride: Bytes from one row to the next; without gaps if nil.
    static func rows<Element>(
        _ coding: WeightRows.Coding, _ elements: [Element], scales: [Float] = [], rows: Int, columns: Int,
        stride: Int? = nil
    ) -> WeightRows {
        let held = elements.withUnsafeBytes { HeldWeights($0, scales) }
        return WeightRows(
            coding, rows: rows, columns: columns, stride: stride ?? columns * MemoryLayout<Element>.stride,
            values: UnsafeRawBufferPointer(held.values), scales: UnsafeRawBufferPointer(held.scales), owner: held)
    }
}
