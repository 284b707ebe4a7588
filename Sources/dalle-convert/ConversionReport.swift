import CommandSupport
import DalleConvert
import DalleFormat

/// What a conversion made.
struct ConversionReport: Encodable {
    struct Part: Encodable {
        let name: String
        let kind: String
        let tensors: Int
        let bytes: Int
        let leftOut: [String]
        let notes: [String]

        enum CodingKeys: String, CodingKey {
            case name, kind, tensors, bytes, notes
            case leftOut = "left_out"
        }
    }

    let output: String
    /// Bytes of the file; none when nothing was written.
    let bytes: Int?
    /// Bytes of all tensors before compression.
    let tensorBytes: Int
    let parts: [Part]
    /// What a change of type costs.
    let notes: [String]

    enum CodingKeys: String, CodingKey {
        case output, bytes, parts, notes
        case tensorBytes = "tensor_bytes"
    }

    init(_ parts: [ImportedComponent], output: String, bytes: Int?, _ tensorBytes: Int, notes: [String]) {
        self.output = output
        self.bytes = bytes
        self.tensorBytes = tensorBytes
        self.notes = notes
        self.parts = parts.map {
            Part(
                name: $0.component.name, kind: $0.component.kind.rawValue, tensors: $0.tensors.count,
                bytes: $0.byteCount,
                leftOut: $0.leftOut, notes: $0.notes)
        }
    }

    func say(_ console: Console, seconds: Double) {
        for part in parts {
            console.note(
                "\(part.name): \(part.kind), \(part.tensors) tensors, \(Readable.bytes(part.bytes))")
            for note in part.notes { console.note("  \(PlainText.line(note))") }
            if !part.leftOut.isEmpty {
                let more = part.leftOut.count > 4 ? " and \(part.leftOut.count - 4) more (--json lists all)" : ""
                let names = part.leftOut.prefix(4).map { PlainText.line($0, maximumLength: 256) }
                console.note("  left out: \(names.joined(separator: ", "))\(more)")
            }
        }
        for note in notes { console.note(note) }
        guard let bytes else {
            Console.result("would write \(output): \(Readable.bytes(tensorBytes)) before compression")
            return
        }
        Console.result("\(output): \(Readable.bytes(bytes))")
        console.note(
            "written in \(Readable.seconds(seconds)), peak memory \(Readable.bytes(PeakMemory.byteCount))")
    }
}
