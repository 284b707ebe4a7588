import DalleConvert
import DalleFormat

/// A zip archive and the arrays of NumPy in it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    Input.run(start, count) { path throws(DalleError) in
        let archive = try ZipArchive(try MappedFile(path))
        for member in archive.members {
            // One that is refused must not keep the others from being tried.
            _ = Result { () throws(DalleError) in try archive.verify(member) }
            _ = Result { () throws(DalleError) in
                try NPYArray(try archive.content(of: member, atMost: Input.longestTensor))
            }
        }
    }
    return 0
}
