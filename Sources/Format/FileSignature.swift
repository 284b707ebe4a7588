/// What a file seems to be, from its first bytes: for errors about a file that is not what was asked for.
public enum FileSignature {
    /// A description in any case.
    public static func describe(_ bytes: Span<UInt8>) -> String {
        recognize(bytes)
            ?? "it starts with the bytes " + Array(bytes.extracting(first: 8)).map { hex($0) }.joined(separator: " ")
    }

    /// Whether it begins as this package's files do.
    public static func isModelFile(_ bytes: Span<UInt8>) -> Bool {
        Array(bytes.extracting(first: FileHead.magic.count)) == FileHead.magic
    }

    /// Nil when it is of no kind that has a signature, as Flax checkpoints.
    public static func recognize(_ bytes: Span<UInt8>) -> String? {
        guard bytes.count > 0 else { return "the file is empty" }
        let head = Array(bytes.extracting(first: 512))
        for (start, name) in known where start.count <= head.count {
            if zip(start, head).allSatisfy({ $0 == nil || $0 == $1 }) { return name }
        }
        let text = String(decoding: head.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }.prefix(64), as: UTF8.self)
            .lowercased()
        if text.hasPrefix("<!doctype") || text.hasPrefix("<html") || text.hasPrefix("<?xml") {
            return "it is a web page, as servers send instead of a file that needs a login or has moved"
        }
        if text.hasPrefix("version https://git-lfs") {
            return "it is a Git LFS pointer, not the file it stands for: run git lfs pull"
        }
        return nil
    }

    /// How files begin; nil is any byte.
    private static let known: [([UInt8?], String)] =
        [
            (FileHead.magic, "it is a model file of this package"),
            (Array("PK".utf8) + [3, 4], "it is a zip archive, as PyTorch writes"),
            ([0x80, 0x02, 0x8A, 0x0A], "it is an old PyTorch file"),
            ([0x80, 0x02], "it is a Python pickle, as old PyTorch files are"),
            ([0x80, 0x03], "it is a Python pickle, as old PyTorch files are"),
            ([0x80, 0x04], "it is a Python pickle, as old PyTorch files are"),
            ([0x80, 0x05], "it is a Python pickle, as old PyTorch files are"),
            (Array("GGUF".utf8), "it is a GGUF file"),
            ([0x1F, 0x8B], "it is compressed with gzip"),
            ([0x28, 0xB5, 0x2F, 0xFD], "it is compressed with zstd"),
        ] + pictures

    private static let pictures: [([UInt8?], String)] = [
        ([0x89] + Array("PNG".utf8), "it is a PNG picture"),
        ([0xFF, 0xD8, 0xFF], "it is a JPEG picture"),
        (pattern("GIF8"), "it is a GIF picture"),
        (pattern("RIFF????WEBP"), "it is a WebP picture"),
        (pattern("BM????\0\0\0\0"), "it is a BMP picture"),
        (pattern("II*\0"), "it is a TIFF picture, or a camera's raw one"),
        (pattern("MM\0*"), "it is a TIFF picture, or a camera's raw one"),
        ([0xFF, 0x0A], "it is a JPEG XL picture"),
        (pattern("????JXL "), "it is a JPEG XL picture"),
        (pattern("????jP  "), "it is a JPEG 2000 picture"),
        (pattern("????ftypavi"), "it is an AVIF picture"),
        (pattern("????ftyphe"), "it is a HEIC picture"),
        (pattern("????ftypmif1"), "it is a HEIF picture"),
        (pattern("????ftypmsf1"), "it is a HEIF picture"),
        (pattern("????ftyp"), "it is a film"),
        (pattern("8BPS"), "it is a Photoshop picture"),
        (pattern("%PDF-"), "it is a PDF document"),
    ]

    /// A question mark stands for any byte.
    private static func pattern(_ text: String) -> [UInt8?] { text.utf8.map { $0 == UInt8(ascii: "?") ? nil : $0 } }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
    }
}
