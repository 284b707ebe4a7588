/// A tensor's elements, decoded to floats where and when they are wanted, whatever type and layout they are stored in.
public struct FloatElements: Sendable {
    private let bytes: TensorBytes
    private let descriptor: TensorDescriptor
    private let packing: PackedRows?

    public var shape: Shape { descriptor.shape }

    /// - Throws: `badData` when there is no such tensor, or it is damaged, of another shape, in a layout that is not
    ///   known, or not of floating-point numbers.
    public init(_ file: ModelFile, _ name: String, shape: Shape, threads: Int = 1) throws(DalleError) {
        guard let descriptor = file.descriptor(name), descriptor.shape == shape, descriptor.dtype.isFloatingPoint else {
            let found = file.descriptor(name).map { "is \($0.dtype.rawValue) \($0.shape)" } ?? "is not in the file"
            throw DalleError(
                .badData, "\(found), and the configuration calls for floating-point numbers of shape \(shape)",
                remedy: "Convert the checkpoint again", file: file.path, item: name)
        }
        self.descriptor = descriptor
        packing = descriptor.packing
        bytes = try file.bytes(of: name, threads: threads)
    }

    /// The bytes themselves, where they are float32 one after the other.
    var plainFloats: TensorBytes? { packing == nil && descriptor.dtype == .float32 ? bytes : nil }

    /// Decodes a range of elements.
    public func read(_ elements: Range<Int>, into target: inout MutableSpan<Float>) throws(DalleError) {
        guard elements.lowerBound >= 0, elements.upperBound <= shape.count, target.count == elements.count else {
            throw DalleError(.fault, "elements \(elements) of shape \(shape) into \(target.count)")
        }
        if let packing {
            bytes.withUnsafeBytes { bytes in
                let values = UnsafeRawBufferPointer(rebasing: bytes[packing.valueBytes(0..<packing.rows)])
                let scales = UnsafeRawBufferPointer(rebasing: bytes[packing.scaleBytes(0..<packing.rows)])
                target.withUnsafeMutableBufferPointer {
                    packing.decode(elements, values: values, scales: scales, firstRow: 0, into: $0)
                }
            }
        } else {
            let size = descriptor.dtype.byteCount
            try descriptor.dtype.decodeFloats(
                bytes.bytes.extracting(elements.lowerBound * size..<elements.upperBound * size), into: &target)
        }
    }

    /// Lets the system take mapped pages back until they are read again.
    public func release() { bytes.release() }
}
