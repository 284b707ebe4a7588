import CommandSupport
import DalleFormat

extension ModelSummary {
    /// The summary for people: a table for each subject.
    var text: String {
        var sections = [heading, table(partRows)]
        sections += parts.compactMap { part in
            guard case .map(let map) = part.configuration.value, !map.values.isEmpty else { return nil }
            return "\(PlainText.line(part.name))\n" + table(map.names.map { ["  \($0)", Self.plain(map[$0])] })
        }
        if case .map(let map) = metadata.value { sections += provenance(Provenance(map)) }
        if let memory, !memory.isEmpty { sections.append(memoryText(memory)) }
        if let tensors {
            sections.append(
                table(
                    [["tensor", "type", "shape", "layout", "bytes", "in file"]]
                        + tensors.map {
                            [
                                $0.name, $0.dtype, "\($0.shape)", $0.layout, "\($0.bytes)",
                                "\($0.stored)\(Self.ratio($0.stored, $0.bytes))",
                            ]
                        }))
        }
        return sections.joined(separator: "\n\n")
    }

    private var heading: String {
        "\(PlainText.line(path)): \(Readable.bytes(bytes))\nroot     \(root)\ncontent  \(content)"
    }

    private var partRows: [[String]] {
        [["part", "kind", "tensors", "bytes", "in file", "types"]]
            + parts.map { part in
                let types = part.types.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { type, bytes in
                    part.types.count == 1 ? type : "\(type) \(100 * bytes / max(part.bytes, 1)) %"
                }
                return [
                    part.name, part.kind, "\(part.tensors)", Readable.bytes(part.bytes),
                    Readable.bytes(part.stored) + Self.ratio(part.stored, part.bytes), types.joined(separator: ", "),
                ]
            }
    }

    private func provenance(_ provenance: Provenance) -> [String] {
        var sections: [String] = []
        if !provenance.sources.isEmpty {
            let rows = provenance.sources.map {
                ["  \($0.name)", Readable.bytes($0.byteCount), "xxh3-128 \($0.digest)"]
            }
            sections.append("made of\n" + table(rows))
        }
        if !provenance.steps.isEmpty {
            let rows = provenance.steps.map { step in
                let options = step.options.names.map { "\($0) \(Self.plain(step.options[$0]))" }
                return ["  \(step.action)", step.tool, options.joined(separator: ", ")]
            }
            sections.append("made by\n" + table(rows))
        }
        return sections
    }

    private func memoryText(_ memory: [Memory]) -> String {
        let rows = memory.map {
            ["  \($0.stage)", Readable.bytes($0.weights + $0.work), "weights \(Readable.bytes($0.weights))"]
        }
        return "memory that one picture takes, at most \(Readable.bytes(peakMemory ?? 0)) at a time\n"
            + table(rows)
    }

    private func table(_ rows: [[String]]) -> String { TextTable.text(rows) }

    private static func ratio(_ part: Int, _ whole: Int) -> String {
        whole > 0 && part < whole ? " (\(Int((100 * Double(part) / Double(whole)).rounded())) %)" : ""
    }

    /// A value without quotation marks where it is a text; long lists are cut.
    private static func plain(_ value: MetadataValue?) -> String {
        switch value {
        case .text(let text)?: text
        case .list(let values)? where values.count > 8: "\(values.count) values"
        case .list(let values)?: values.map { plain($0) }.joined(separator: ", ")
        case .map(let map)?: map.names.map { "\($0) \(plain(map[$0]))" }.joined(separator: " ")
        case let value?: "\(value)"
        case nil: ""
        }
    }
}
