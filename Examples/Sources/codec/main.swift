// Encodes a picture to tokens and decodes them again: codec MODEL.dalle PICTURE OUT.png

import DalleModels
import DalleRuntime
import Foundation

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 3 else {
    print("usage: codec MODEL.dalle PICTURE OUT.png")
    exit(64)
}
do {
    let codec = try DalleModel(arguments[0]).codec(ComputeContext())
    let picture = try PictureFile.read(arguments[1])
    // Whole tokens only: a codec takes pictures whose edges are multiples of the pixels that a token stands for.
    let (columns, rows) = (picture.width / codec.downsampling, picture.height / codec.downsampling)
    let grid = try codec.encode(
        picture.centerCropped(width: columns * codec.downsampling, height: rows * codec.downsampling))
    print("\(rows) × \(columns) tokens of \(codec.codebookSize), the first row:")
    print(grid.tokens.prefix(grid.width).map(String.init).joined(separator: " "))
    try PNGFile.write(try codec.decode(grid), to: arguments[2], replacing: true)
} catch {
    FileHandle.standardError.write(Data("codec: \(error)\n".utf8))
    exit(1)
}
