import DalleFormat

/// A picture.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    Input.run(start, count) { path throws(DalleError) in _ = try PNGFile.read(path) }
    return 0
}

/// Stands for the runtime's, which a picture's reader does without.
public struct Matrix: Sendable {
    public let rows: Int
    public let columns: Int
    public var values: [Float]

    init(rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        values = [Float](repeating: 0, count: rows * columns)
    }
}
