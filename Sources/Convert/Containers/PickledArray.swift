import DalleFormat

/// An array of NumPy's as a pickle holds it, in any protocol and under the names of NumPy 1 and 2.
struct PickledArray {
    /// Where its bytes are.
    enum Content {
        case bytes(Range<Int>)
        /// Text whose characters are the bytes, in UTF-8: how protocol 2 spells bytes.
        case text(String)
        case longText(Range<Int>)
    }

    let dtype: DType
    let shape: Shape
    /// Whether the first axis is the one of neighbours.
    let isColumnMajor: Bool
    let content: Content

    /// - Throws: `badData` when it is no array, or of a kind that is not read.
    init(_ value: PickleValue, in pickle: Pickle) throws(DalleError) {
        guard let call = pickle.call(value), call.callee.module.hasPrefix("numpy") else {
            throw DalleError(.badData, "there is \(pickle.describe(value)) where NumPy's array should be")
        }
        // (type, shape, code) and, as attributes, (version, shape, type of elements, order, bytes); since protocol 5 (bytes,
        // type of elements, shape, order).
        let parts: (shape: PickleValue, dtype: PickleValue, isColumnMajor: Bool, content: PickleValue)
        switch call.callee.name {
        case "_reconstruct":
            guard let state = pickle.state(of: value).flatMap({ pickle.elements(of: $0) }), state.count == 5,
                case .bool(let isColumnMajor) = state[3]
            else { throw DalleError(.badData, "NumPy's array has no content") }
            parts = (state[1], state[2], isColumnMajor, state[4])
        case "_frombuffer":
            guard call.arguments.count == 4, case .text(let order) = call.arguments[3] else {
                throw DalleError(.badData, "NumPy's array has no content")
            }
            parts = (call.arguments[2], call.arguments[1], order == "F", call.arguments[0])
        default:
            throw DalleError(.badData, "the pickle makes NumPy's array by calling '\(call.callee)', which is not read")
        }
        var extents: [Int] = []
        for element in pickle.elements(of: parts.shape) ?? [] {
            guard case .integer(let extent) = element else {
                throw DalleError(.badData, "a shape with \(pickle.describe(element)) in it")
            }
            extents.append(extent)
        }
        shape = try Shape(extents)
        dtype = try Self.dtype(parts.dtype, in: pickle)
        isColumnMajor = parts.isColumnMajor
        content = try Self.content(parts.content, in: pickle)
    }

    private static let types: [String: DType] = [
        "f8": .float64, "f4": .float32, "f2": .float16, "i8": .int64, "i4": .int32, "i2": .int16, "i1": .int8,
        "u8": .uint64, "u4": .uint32, "u2": .uint16, "u1": .uint8, "b1": .bool,
    ]

    private static func dtype(_ value: PickleValue, in pickle: Pickle) throws(DalleError) -> DType {
        guard let call = pickle.call(value), call.callee.name == "dtype", case .text(let code)? = call.arguments.first
        else { throw DalleError(.badData, "NumPy's array is of an unknown type") }
        var order = ""
        if let state = pickle.state(of: value).flatMap({ pickle.elements(of: $0) }), state.count > 1,
            case .text(let said) = state[1]
        {
            order = said
        }
        let plain = code.first.map { "<>|=".contains($0) } == true ? String(code.dropFirst()) : code
        guard let dtype = types[plain], order != ">", !code.hasPrefix(">") else {
            throw DalleError(.badData, "NumPy's array has elements of type '\(order)\(code)', which is not supported")
        }
        return dtype
    }

    private static func content(_ value: PickleValue, in pickle: Pickle) throws(DalleError) -> Content {
        switch value {
        case .bytes(let range): return .bytes(range)
        case .text(let text): return .text(text)
        case .longText(let range): return .longText(range)
        default: break
        }
        // `_codecs.encode(text, 'latin1')`, `bytearray(bytes)`, `bytearray(text, 'latin-1')`, `bytes()`.
        if let call = pickle.call(value), ["encode", "bytearray", "bytes"].contains(call.callee.name) {
            guard let first = call.arguments.first else { return .text("") }
            switch first {
            case .bytes(let range): return .bytes(range)
            case .text(let text): return .text(text)
            case .longText(let range): return .longText(range)
            default: break
            }
        }
        throw DalleError(.badData, "NumPy's array holds \(pickle.describe(value)) instead of bytes")
    }
}

extension Pickle {
    /// What an object was last given as attributes.
    fileprivate func state(of value: PickleValue) -> PickleValue? {
        guard case .object(let number) = value else { return nil }
        return additions[number]?.states.last
    }
}

extension PickledArray {
    /// The bytes as elements of a type, of which a copy is made where they do not lie in the file as they are.
    ///
    /// - Parameter target: the array's own type, or bfloat16 for one of float32: NumPy has no such type.
    /// - Throws: `badData` when there are not as many as the shape needs.
    func storage(_ container: any TorchContainer, as target: DType) throws(DalleError) -> CheckpointStorage {
        let (file, start) = (container.pickleFile, container.pickleStart)
        let byteCount = shape.byteCount(dtype)
        func require(_ found: Int) throws(DalleError) {
            guard found == byteCount else {
                throw DalleError(
                    .badData, "\(found) bytes for shape \(shape) of \(dtype), which takes \(byteCount)",
                    remedy: "The file is damaged: get it again")
            }
        }
        let source: Range<Int>?
        let text: [UInt8]
        switch content {
        case .bytes(let range):
            try require(range.count)
            source = start + range.lowerBound..<start + range.upperBound
            text = []
            if target == dtype {
                guard let source else { break }
                return try CheckpointStorage([.init(file: file, range: source)], elementSize: dtype.byteCount)
            }
        case .longText(let range): (source, text) = (start + range.lowerBound..<start + range.upperBound, [])
        case .text(let short): (source, text) = (nil, Array(short.utf8))
        }
        let isText = if case .bytes = content { false } else { true }
        let narrows = target != dtype
        // Every byte is one or two of UTF-8.
        let encoded = source?.count ?? text.count
        guard encoded >= byteCount, encoded / 2 <= byteCount else { throw Self.unreadable(byteCount) }
        // Short texts are told apart by what they hold.
        let part = source.map { "\($0)" } ?? String(decoding: text, as: UTF8.self)
        let derived = DerivedBytes(
            byteCount: shape.byteCount(target), source: [container.file.path, "\(target)", part]
        ) { () throws(DalleError) in
            try MappedFile.made(from: file.path, count: shape.byteCount(target)) { output throws(DalleError) in
                var decoder = Decoder(isText: isText, narrows: narrows, expected: byteCount)
                if let source {
                    for first in stride(from: source.lowerBound, to: source.upperBound, by: 1 << 20) {
                        let window = first..<min(first + 1 << 20, source.upperBound)
                        try file.withUnsafeBytes(window) { bytes throws(DalleError) in
                            try decoder.decode(bytes, into: &output)
                        }
                    }
                } else {
                    let bytes = text
                    try bytes.span.bytes.withUnsafeBytes { bytes throws(DalleError) in
                        try decoder.decode(bytes, into: &output)
                    }
                }
                try decoder.finish()
            }
        }
        return try CheckpointStorage(derived, elementSize: target.byteCount)
    }

    fileprivate static func unreadable(_ byteCount: Int) -> DalleError {
        DalleError(
            .badData, "the array's text does not stand for \(byteCount) bytes",
            remedy: "The file is damaged: get it again")
    }

    /// Makes elements of text or bytes that come in parts.
    private struct Decoder {
        let isText: Bool
        /// Makes bfloat16 of float32.
        let narrows: Bool
        let expected: Int
        /// The first byte of a character of two, and bytes of an element that is not whole.
        private var lead: UInt8?
        private var element: [UInt8] = []
        private var count = 0

        init(isText: Bool, narrows: Bool, expected: Int) {
            (self.isText, self.narrows, self.expected) = (isText, narrows, expected)
        }

        mutating func decode(_ bytes: UnsafeRawBufferPointer, into output: inout MappedFile.Output) throws(DalleError) {
            var decoded: [UInt8] = []
            decoded.reserveCapacity(bytes.count)
            for byte in bytes {
                if !isText {
                    decoded.append(byte)
                } else if let first = lead {
                    guard byte & 0xC0 == 0x80 else { throw unreadable(expected) }
                    decoded.append(first << 6 | byte & 0x3F)
                    lead = nil
                } else if byte < 0x80 {
                    decoded.append(byte)
                } else {
                    guard byte == 0xC2 || byte == 0xC3 else { throw unreadable(expected) }
                    lead = byte
                }
            }
            count += decoded.count
            guard count <= expected else { throw unreadable(expected) }
            let made = narrows ? narrowed(decoded) : decoded
            try made.span.bytes.withUnsafeBytes { bytes throws(DalleError) in try output.append(bytes) }
        }

        func finish() throws(DalleError) {
            guard lead == nil, count == expected else { throw unreadable(expected) }
        }

        /// The nearest bfloat16 of each float32, the even one of two.
        private mutating func narrowed(_ bytes: [UInt8]) -> [UInt8] {
            var narrow: [UInt8] = []
            narrow.reserveCapacity(bytes.count / 2 + 2)
            for byte in bytes {
                element.append(byte)
                guard element.count == 4 else { continue }
                let bits = element.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                let isNaN = Float(bitPattern: bits).isNaN
                let rounded = isNaN ? bits >> 16 | 0x40 : (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
                narrow += [UInt8(truncatingIfNeeded: rounded), UInt8(truncatingIfNeeded: rounded >> 8)]
                element.removeAll(keepingCapacity: true)
            }
            return narrow
        }

        private func unreadable(_ byteCount: Int) -> DalleError { PickledArray.unreadable(byteCount) }
    }
}
