import DalleFormat

/// The tensors of one model in a checkpoint, under the model's own names, whatever stands before them there.
///
/// Trainers, wrappers and models that contain others nest a model's dictionary or put `module.`, `_orig_mod.`,
/// `first_stage_model.` and the like before its names. So it is looked for under any of them.
struct ModelTensors {
    /// A way in which a model's tensors are named.
    struct Layout {
        /// Names that a model so named always has.
        let marks: [String]
        /// What its own names are joined by.
        var separator: Character = "."
    }

    /// By own names. Where the model lies at the top, what lies beside it is here too.
    let tensors: [String: CheckpointTensor]
    /// What stands before its names, in the file's spelling; empty at the top.
    let prefix: String
    /// Index of the layout that was found.
    let layout: Int
    private let separator: Character
    /// What the file joins names by.
    private let fileSeparator: Character
    /// Names of the file's other tensors.
    private let others: [String]

    /// - Parameters:
    ///   - top: what the dictionary of these tensors is called, where it is one of several in its file.
    ///   - chosen: the prefix to take, if there are several.
    /// - Returns: nil when no model is there.
    /// - Throws: `usage` naming the places where there are several models, or none at the one chosen.
    init?(
        in checkpoint: [String: CheckpointTensor], _ layouts: [Layout], top: String = "", chosen: String? = nil
    ) throws(DalleError) {
        let names = Dictionary(checkpoint.keys.map { (Self.dotted($0), $0) }) { first, _ in first }
        guard names.count == checkpoint.count else {
            throw DalleError(.badData, "has names that differ only in what joins their parts")
        }
        var places: [(layout: Int, prefix: String)] = []
        for (index, layout) in layouts.enumerated() {
            let marks = layout.marks.map(Self.dotted)
            places += Self.prefixes(of: marks, in: names).map { (index, $0) }
        }
        let title = { (prefix: String) in prefix.isEmpty ? top : String(prefix.dropLast()) }
        if let chosen {
            let wanted = Self.dotted(chosen).split(separator: ".").joined(separator: ".")
            guard
                let place = places.first(where: { [title($0.prefix), String($0.prefix.dropLast())].contains(wanted) })
            else {
                let found = places.map { "'\(title($0.prefix))'" }.sorted().joined(separator: ", ")
                throw DalleError(
                    .usage, "holds no model under '\(chosen)'",
                    remedy: found.isEmpty ? nil : "Choose among \(found) with --prefix")
            }
            places = [place]
        } else {
            places.removeAll { Self.isOptimizerState($0.prefix) }
            places = Self.withoutAliases(places, names, checkpoint)
        }
        guard let place = places.first else { return nil }
        guard places.count == 1 else {
            let found = places.map { "'\(title($0.prefix))'" }.sorted().joined(separator: " and ")
            throw DalleError(
                .usage, "holds \(places.count) models that fit, under \(found)",
                remedy: "Say which with --prefix, '' being the top; convert a model's part by itself and merge it")
        }
        let separator = layouts[place.layout].separator
        var tensors: [String: CheckpointTensor] = [:]
        var others: [String] = []
        for (dotted, name) in names {
            if dotted.hasPrefix(place.prefix) {
                let own = dotted.dropFirst(place.prefix.count)
                tensors[separator == "." ? String(own) : own.split(separator: ".").joined(separator: "\(separator)")] =
                    checkpoint[name]
            } else {
                others.append(name)
            }
        }
        self.tensors = tensors
        self.others = others
        self.separator = separator
        layout = place.layout
        let mark = layouts[place.layout].marks[0]
        let name = names[place.prefix + Self.dotted(mark)] ?? mark
        fileSeparator = name.contains("/") ? "/" : "."
        prefix = String(name.dropLast(mark.count))
    }

    /// How the file spells an own name, whether or not the tensor is there.
    func fileName(_ own: String) -> String {
        prefix + (separator == fileSeparator ? own : own.replacing("\(separator)", with: "\(fileSeparator)"))
    }

    /// What is not taken, in groups with their sizes.
    ///
    /// - Parameters:
    ///   - taken: own names.
    ///   - modules: the first parts of own names, under which nothing may be ignored.
    ///   - isInert: whether a tensor of a module, given by the parts of its name, has no effect on what is computed.
    /// - Throws: `badData` for a tensor of one of the modules.
    func others(
        than taken: Set<String>, modules: Set<String>, isInert: ([Substring]) -> Bool
    ) throws(DalleError) -> [String] {
        var counts: [String: Int] = [:]
        for name in tensors.keys.sorted() where !taken.contains(name) {
            let parts = name.split(separator: separator)
            let isOurs = parts.first.map { modules.contains(String($0)) } == true
            guard !isOurs || isInert(parts) else {
                throw DalleError(
                    .badData, "a tensor that a model of this architecture does not have",
                    remedy: "The model may be a variant that is not supported", item: fileName(name))
            }
            counts[parts.prefix(isOurs ? 2 : 1).joined(separator: "."), default: 0] += 1
        }
        for name in others {
            counts[String(name.prefix { $0 != "." && $0 != "/" }), default: 0] += 1
        }
        return counts.sorted { $0.key < $1.key }.map { name, count in
            "\(name): \(count) \(count == 1 ? "tensor" : "tensors")"
        }
    }

    private static func dotted(_ name: String) -> String { name.replacing("/", with: ".") }

    /// What stands before all of some names.
    private static func prefixes(of marks: [String], in names: [String: String]) -> [String] {
        guard let first = marks.first else { return [] }
        return names.keys.compactMap { name -> String? in
            guard name == first || name.hasSuffix("." + first) else { return nil }
            let prefix = String(name.dropLast(first.count))
            return marks.allSatisfy { names[prefix + $0] != nil } ? prefix : nil
        }.sorted()
    }

    /// Whether the part before a name belongs to an optimiser, whose numbers have the parameters' names and shapes.
    private static func isOptimizerState(_ prefix: String) -> Bool {
        let moments: Set = [
            "opt", "mu", "nu", "exp_avg", "exp_avg_sq", "momentum", "momentum_buffer", "trace", "grad", "grads",
            "gradients",
        ]
        return prefix.lowercased().split(separator: ".").contains {
            $0.hasPrefix("optim") || $0.hasPrefix("opt_") || moments.contains(String($0))
        }
    }

    /// Drops places whose tensors are views of the same bytes as an earlier place's: a model stored under two names.
    private static func withoutAliases(
        _ places: [(layout: Int, prefix: String)], _ names: [String: String], _ checkpoint: [String: CheckpointTensor]
    ) -> [(layout: Int, prefix: String)] {
        var kept: [(layout: Int, prefix: String)] = []
        for place in places.sorted(by: { ($0.prefix.count, $0.prefix) < ($1.prefix.count, $1.prefix) }) {
            let isAlias = kept.contains { known in
                known.layout == place.layout
                    && names.allSatisfy { dotted, name in
                        guard dotted.hasPrefix(place.prefix), let tensor = checkpoint[name] else { return true }
                        let other = names[known.prefix + dotted.dropFirst(place.prefix.count)].flatMap {
                            checkpoint[$0]
                        }
                        return other?.hasSameElements(as: tensor) == true
                    }
            }
            if !isAlias { kept.append(place) }
        }
        return kept
    }
}
