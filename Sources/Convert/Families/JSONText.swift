import DalleFormat

/// What can be seen of JSON without understanding it.
struct JSONText {
    /// Colons outside texts: in valid JSON, one for each member of an object.
    private(set) var colons = 0
    /// Whether no text has too many marks in a row, also of those that are spelled by numbers.
    private(set) var hasBoundedMarks = true

    init(_ json: UnsafeRawBufferPointer) {
        var (isText, marks, start) = (false, 0, 0)
        while start < json.count {
            let byte = json[start]
            start += 1
            switch byte {
            case UInt8(ascii: "\\") where isText && start < json.count:
                let isNumber = json[start] == UInt8(ascii: "u")
                marks = isNumber && Self.mayBeMark(json[(start + 1)...].prefix(4)) ? marks + 1 : 0
                start += isNumber ? 5 : 1
            case UInt8(ascii: "\""): (isText, marks) = (!isText, 0)
            case UInt8(ascii: ":") where !isText: colons += 1
            // What is spelled in more bytes may be a mark between two by numbers.
            case 0..<0x80: marks = 0
            default: break
            }
            if marks > String.maximumMarks { hasBoundedMarks = false }
        }
        hasBoundedMarks = hasBoundedMarks && String(decoding: json, as: UTF8.self).hasBoundedMarks
    }

    /// Whether four digits spell a mark, or half of what may be one.
    private static func mayBeMark(_ digits: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else { return false }
        return Unicode.Scalar(value)?.isReordered ?? true
    }
}
