/// How lists, values and the records of an index are written and read.
extension ByteWriter {
    mutating func list<Item>(_ items: [Item], _ write: (inout ByteWriter, Item) -> Void) {
        littleEndian(UInt32(items.count))
        for item in items { write(&self, item) }
    }

    mutating func value(_ value: MetadataValue) {
        switch value {
        case .bool(let flag):
            byte(flag ? 2 : 1)
        case .integer(let integer):
            byte(3)
            littleEndian(UInt64(bitPattern: Int64(integer)))
        case .number(let number):
            byte(4)
            littleEndian(number.bitPattern)
        case .text(let string):
            byte(5)
            text(string)
        case .list(let values):
            byte(6)
            list(values) { $0.value($1) }
        case .map(let map):
            byte(7)
            list(map.names) {
                $0.text($1)
                if let value = map[$1] { $0.value(value) }
            }
        }
    }

    mutating func component(_ component: Component) {
        text(component.name)
        text(component.kind.rawValue)
        value(.map(component.configuration))
    }

    /// What tells a tensor from others, without where it lies.
    mutating func identity(_ tensor: TensorDescriptor) {
        text(tensor.name)
        text(tensor.dtype.rawValue)
        text(tensor.layout.name)
        littleEndian(UInt32(tensor.layout.version))
        list(tensor.shape.extents) { $0.size($1) }
    }

    mutating func tensor(_ tensor: TensorDescriptor) {
        identity(tensor)
        size(tensor.byteCount)
        append(tensor.digest.bytes)
        size(tensor.chunkByteCount)
        list(tensor.chunks) {
            $0.byte($1.encoding.tag)
            $0.size($1.range.lowerBound)
            $0.size($1.range.count)
            $0.littleEndian($1.checksum)
        }
    }
}

extension ByteReader {
    /// Values nest at most this deep.
    private static let maximumDepth = 16

    /// A list's length; each of its items takes at least `minimum` bytes, so it cannot claim more than there are.
    mutating func listCount(minimum: Int) throws(DalleError) -> Int {
        let start = offset
        let count = Int(try littleEndian(UInt32.self))
        guard count <= remaining / minimum else {
            throw DalleError(.badData, "a list of \(count) items in \(remaining) bytes", offset: start)
        }
        return count
    }

    mutating func sizedText() throws(DalleError) -> String {
        try text(Int(try littleEndian(UInt32.self)))
    }

    mutating func map() throws(DalleError) -> MetadataMap {
        guard case .map(let map) = try value(depth: 0) else {
            throw DalleError(.badData, "a value that is not a map", offset: offset)
        }
        return map
    }

    private mutating func value(depth: Int) throws(DalleError) -> MetadataValue {
        let start = offset
        guard depth < ByteReader.maximumDepth else {
            throw DalleError(.badData, "values nest deeper than \(ByteReader.maximumDepth)", offset: start)
        }
        switch try byte() {
        case 1: return .bool(false)
        case 2: return .bool(true)
        case 3: return .integer(Int(Int64(bitPattern: try littleEndian(UInt64.self))))
        case 4: return .number(Double(bitPattern: try littleEndian(UInt64.self)))
        case 5: return .text(try sizedText())
        case 6:
            var values: [MetadataValue] = []
            for _ in 0..<(try listCount(minimum: 1)) { values.append(try value(depth: depth + 1)) }
            return .list(values)
        case 7:
            var map = MetadataMap()
            for _ in 0..<(try listCount(minimum: 5)) {
                let name = try sizedText()
                guard map[name] == nil else { throw DalleError(.badData, "is there twice", item: name, offset: start) }
                map[name] = try value(depth: depth + 1)
            }
            return .map(map)
        case let tag:
            throw DalleError(.badData, "a value of unknown type \(tag)", offset: start)
        }
    }
}
