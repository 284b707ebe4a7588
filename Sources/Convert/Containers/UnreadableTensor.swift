import DalleFormat

/// What stands in a checkpoint under a tensor's name and cannot be read.
///
/// It is stepped over, and refused only where a model needs it.
struct UnreadableTensor: Sendable {
    /// Why, as the end of a sentence about it.
    let reason: String
    /// Whether it is a tensor of a kind that is known.
    let isTensor: Bool

    func refusal(_ name: String?) -> DalleError {
        DalleError(
            .badData, reason,
            remedy: isTensor
                ? "Load it with PyTorch and save the model's state_dict as plain tensors of float32"
                : "Nothing was executed. If you trust the file, load it with PyTorch and save its state_dict alone",
            item: name)
    }
}

extension Checkpoint {
    /// The part of a model that `read` makes of the tensors.
    ///
    /// - Throws: why a tensor cannot be read, where `read` misses one that is there, or left one out of the modules that
    ///   it took the others from; what `read` throws.
    func part(_ read: () throws(DalleError) -> ImportedComponent) throws(DalleError) -> ImportedComponent {
        let part: ImportedComponent
        do throws(DalleError) {
            part = try read()
        } catch {
            throw explained(error)
        }
        let taken = part.tensors.compactMap { ($0.source as? CheckpointTensor)?.name }
        if let name = among(taken) { throw unreadable[name]?.refusal(name) ?? DalleError(.fault, "no reason") }
        return part
    }

    /// What an import threw, or the reason behind it where there is one.
    func explained(_ error: DalleError) -> DalleError {
        // What names a file is about settings beside the tensors.
        guard error.code == .badData, error.file == nil, !unreadable.isEmpty else { return error }
        // The name that it is about, which the import may have cut in front.
        let quoted = error.message.split(separator: "'", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
        let names = unreadable.keys.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        for missed in [error.item].compactMap(\.self) + quoted {
            if let name = names.first(where: { $0 == missed || $0.hasSuffix(".\(missed)") }) {
                return unreadable[name]?.refusal(name) ?? error
            }
        }
        // Without a tensor a model looks like another.
        guard let name = names.first(where: { unreadable[$0]?.isTensor == true }), let tensor = unreadable[name] else {
            return error
        }
        var error = error
        error.message += "; '\(name)', one of \(unreadable.count), cannot be read: \(tensor.reason)"
        return error
    }

    /// An unreadable tensor of a module that tensors were taken from.
    private func among(_ taken: [String]) -> String? {
        let tensors = unreadable.filter(\.value.isTensor).keys.sorted()
        guard !tensors.isEmpty, let first = taken.first else { return nil }
        let paths = taken.map { $0.split(separator: ".") }
        // What all have in front is the model's own place in the file.
        let shared = paths.reduce(first.split(separator: ".").count - 1) { count, path in
            zip(path.dropLast().prefix(count), first.split(separator: ".")).prefix { $0 == $1 }.count
        }
        let prefix = first.split(separator: ".").prefix(shared)
        let modules = Set(paths.compactMap { $0.count > shared + 1 ? $0[shared] : nil })
        return tensors.first { name in
            let path = name.split(separator: ".")
            return path.count > shared + 1 && path.starts(with: prefix) && modules.contains(path[shared])
        }
    }
}
