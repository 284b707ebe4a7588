/// Which tensors belong to which part, found in one pass over the names of the tensors.
struct PartIndex: Sendable {
    /// The tensors of each part, by their numbers, in the order of the file.
    let tensors: [[Int]]
    /// The part of each tensor, by its number; the first of several.
    let owner: [Int?]

    init(_ components: [Component], _ tensors: [TensorDescriptor]) {
        let numbers = Dictionary(uniqueKeysWithValues: components.enumerated().map { ($1.name, $0) })
        let lengths = Set(components.map(\.name.utf8.count))
        var members = [[Int]](repeating: [], count: components.count)
        var owner: [Int?] = []
        owner.reserveCapacity(tensors.count)
        for (index, tensor) in tensors.enumerated() {
            var first: Int?
            for part in Self.places(tensor.name, lengths) {
                guard let number = numbers[part] else { continue }
                members[number].append(index)
                first = min(first ?? number, number)
            }
            owner.append(first)
        }
        self.tensors = members
        self.owner = owner
    }

    /// What stands before a full stop of a name, where it has one of the lengths.
    private static func places(_ name: String, _ lengths: Set<Int>) -> [String] {
        var found: [String] = []
        var length = 0
        for byte in name.utf8 {
            if byte == UInt8(ascii: "."), lengths.contains(length) {
                found.append(String(decoding: name.utf8.prefix(length), as: UTF8.self))
            }
            length += 1
        }
        return found
    }
}
