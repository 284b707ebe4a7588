import DalleFormat

/// A picture, and the same bytes as a camera's notes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    Input.run(start, count) { path throws(DalleError) in _ = try PictureFile.read(path) }
    let notes = UnsafeBufferPointer(start: start, count: count)
    _ = Image(width: 2, height: 3, bytes: Array(0..<18)).upright(EXIF.orientation(notes.span))
    return 0
}
