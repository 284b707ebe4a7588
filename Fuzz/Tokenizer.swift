import DalleFormat
import DalleModels

@testable import DalleConvert

/// A tokenizer.json, as BART's and as CLIP's readers take it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    Input.run(start, count) { path throws(DalleError) in
        let file = try JSONFile.decode(TokenizerFile.self, path)
        let tables = try TokenizerTables(try file.parts(path, padToken: "<pad>"))
        _ = try tables.tensors()
    }
    return 0
}
