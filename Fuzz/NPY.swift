import DalleConvert
import DalleFormat

/// An array of NumPy, without the archive around it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    Input.run(start, count) { _ throws(DalleError) in
        let array = try NPYArray(Array(UnsafeBufferPointer(start: start, count: count)))
        _ = try array.integers()
        if let parts = array.shape.extents.first, parts > 0 { _ = try array.part(parts - 1) }
    }
    return 0
}
