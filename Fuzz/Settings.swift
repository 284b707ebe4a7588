import DalleFormat

@testable import DalleConvert

/// The small files beside a checkpoint; the first byte says which one the rest is.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    Input.run(start + 1, count - 1) { path throws(DalleError) in
        switch start[0] {
        case UInt8(ascii: "d"): _ = try DalleBartConfig(path).configuration().tensors()
        case UInt8(ascii: "c"): _ = try CLIPConfig(path).configuration().tensors()
        case UInt8(ascii: "o"): _ = try OpenClipConfig(path)
        case UInt8(ascii: "v"): _ = try VQGANSettings(path).attentionLevels(of: 5)
        case UInt8(ascii: "m"): _ = try MergesFile.read(path)
        case UInt8(ascii: "w"): _ = try WordFrequencyImport.read(path)
        case UInt8(ascii: "u"): _ = try UnidecodeImport.spellings(path)
        case UInt8(ascii: "s"): _ = try SpecialTokens(files: [path]).list(in: ["<s>": 0])
        default: _ = try ShardIndex.read(path) { _ throws(DalleError) in [:] }
        }
    }
    return 0
}
