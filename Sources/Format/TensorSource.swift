/// A tensor to be written: what it is, and where its elements come from piece by piece.
public protocol TensorSource: Sendable {
    var dtype: DType { get }
    var shape: Shape { get }

    /// Writes the given elements, in row-major order and little-endian, into `target`.
    ///
    /// Called for any element ranges, from several threads at once.
    func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError)

    /// Called when elements have been read; a mapped source gives its pages back.
    func finish()
}

extension TensorSource {
    public func finish() {}
}
