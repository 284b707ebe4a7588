// A codec of one's own in a model file of one's own: own-codec PICTURE OUT.png paints the picture in sixteen colours.

import DalleFormat
import DalleModels
import DalleRuntime
import Foundation

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 2 else {
    print("usage: own-codec PICTURE OUT.png")
    exit(64)
}
do {
    let path = FileManager.default.temporaryDirectory.appending(path: "palette-\(UUID().uuidString).dalle").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var colours: [[Float]] = []
    for red: Float in [0, 1] {
        for green: Float in [0, 1 / 3, 2 / 3, 1] {
            for blue: Float in [0, 1] { colours.append([red, green, blue]) }
        }
    }
    try writePalette(colours, to: path)

    var registry = ModelRegistry.standard
    registry.add(codec: PaletteCodec.kind) { file, _ throws(DalleError) in try PaletteCodec(file) }
    let codec = try DalleModel(path, registry: registry).codec(ComputeContext())
    let grid = try codec.encode(try PictureFile.read(arguments[0]))
    try PNGFile.write(try codec.decode(grid), to: arguments[1], replacing: true)
    print("\(Set(grid.tokens).count) of \(codec.codebookSize) colours")
} catch {
    FileHandle.standardError.write(Data("own-codec: \(error)\n".utf8))
    exit(1)
}
