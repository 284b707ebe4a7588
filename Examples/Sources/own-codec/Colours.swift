import DalleFormat

/// Floats in memory, to be written into a model file.
struct Floats: TensorSource {
    let dtype = DType.float32
    let shape: Shape
    let values: [Float]

    func read(_ elements: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws(DalleError) {
        values.withUnsafeBytes { target.copyBytes(from: $0[4 * elements.lowerBound..<4 * elements.upperBound]) }
    }
}

/// Writes a model file with a palette as its only part.
func writePalette(_ colours: [[Float]], to path: String) throws(DalleError) {
    let writer = try ModelFileWriter(path, replacing: true, threads: 1)
    let source = Floats(shape: try Shape([colours.count, 3]), values: colours.flatMap(\.self))
    try writer.add("palette.colours", source, compression: .none)
    let settings = MetadataMap(["colours": .integer(colours.count)])
    let part = Component(name: "palette", kind: PaletteCodec.kind, configuration: settings)
    var provenance = Provenance()
    provenance.add(Provenance.Step("make a palette"))
    try writer.finish(metadata: provenance.metadata, components: [part])
}
