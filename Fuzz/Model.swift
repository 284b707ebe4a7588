import DalleModels

@testable import DalleFormat

/// A model file. Checksums are made right first, since what they protect is what a hostile file would bring along.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    // As it is: a head that is damaged.
    Input.run(start, count) { path throws(DalleError) in _ = try ModelFile(path) }
    guard count >= FileHead.byteCount else { return 0 }
    let offset = (16..<24).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(start[$1]) }
    guard let index = Int(exactly: offset), (FileHead.byteCount...count).contains(index) else { return 0 }
    var data = Array(bytes[..<index])
    let signed = (try? FileIndex(bytes.span.extracting(index...), data: FileHead.byteCount..<index)).map {
        $0.signed(data).bytes
    }
    let written = signed ?? Array(bytes[index...])
    let root = written.withUnsafeBytes { Digest(of: $0) }
    data.replaceSubrange(..<FileHead.byteCount, with: FileHead(index: index..<index + written.count, root: root).bytes)
    (data + written).withUnsafeBufferPointer { file in
        guard let base = file.baseAddress else { return }
        Input.run(base, file.count) { path throws(DalleError) in try use(try ModelFile(path)) }
    }
    return 0
}

/// Reads everything there is, each part by itself.
private func use(_ file: ModelFile) throws(DalleError) {
    for tensor in file.tensors where tensor.byteCount <= Input.longestTensor {
        _ = Result { () throws(DalleError) in try file.bytes(of: tensor.name) }
        _ = Result { () throws(DalleError) in try file.bytes(of: tensor.name, tensor.byteCount / 2..<tensor.byteCount) }
    }
    _ = file.content
    for component in file.components {
        let settings = component.configuration
        _ = Result { () throws(DalleError) in try BartConfiguration(settings).tensors() }
        _ = Result { () throws(DalleError) in try VQGANConfiguration(settings).tensors() }
        _ = Result { () throws(DalleError) in try CLIPConfiguration(settings).tensors() }
        _ = Result { () throws(DalleError) in try GenerationDefaults(settings) }
    }
    _ = Result { () throws(DalleError) in try WordList(file)?.forEach { _, _ in } }
    _ = Result { () throws(DalleError) in try TokenizerTables(file, kind: .clipBPE) }
    _ = try TokenizerTables(file)
}

extension FileIndex {
    /// The same index with the checksums of the chunks as they are in `data`.
    fileprivate func signed(_ data: [UInt8]) -> FileIndex {
        var index = self
        index.tensors = tensors.map { tensor in
            let chunks = tensor.chunks.map { chunk in
                let checksum = data.withUnsafeBytes {
                    Checksum.chunk(UnsafeRawBufferPointer(rebasing: $0[chunk.range]))
                }
                return Chunk(encoding: chunk.encoding, range: chunk.range, checksum: checksum)
            }
            return TensorDescriptor(
                name: tensor.name, dtype: tensor.dtype, shape: tensor.shape, layout: tensor.layout,
                byteCount: tensor.byteCount, digest: tensor.digest, chunkByteCount: tensor.chunkByteCount,
                chunks: chunks)
        }
        return index
    }
}
