internal import CKernels

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The kernels of one level of this machine's abilities, from plain loops up.
///
/// Sums have a fixed order, so that a result does not depend on how work is cut into ranges and batches, and with weights
/// of whole numbers neither on the level.
public struct Kernels: Sendable {
    // A constant table of functions.
    nonisolated(unsafe) let table: UnsafePointer<ck_kernels>

    /// The levels that this machine has, the plain one first.
    public static let levels: [Kernels] = {
        var levels: [Kernels] = []
        while let table = ck_level(levels.count) { levels.append(Kernels(table: table)) }
        return levels
    }()

    /// Plain loops, which the others are held against.
    public static let scalar = levels[0]

    /// The highest level of this machine, or the one that the environment variable `DALLE_ISA` lowers it to.
    public static let best: Kernels = {
        let highest = levels[levels.count - 1]
        guard let name = getenv("DALLE_ISA").map({ String(cString: $0) }) else { return highest }
        return levels.first { $0.name == name } ?? highest
    }()

    /// What is wrong with the environment variable `DALLE_ISA`, if anything.
    public static var unknownLevel: String? {
        guard let name = getenv("DALLE_ISA").map({ String(cString: $0) }), !levels.contains(where: { $0.name == name })
        else { return nil }
        return "DALLE_ISA is \(name); this machine has \(levels.map(\.name).joined(separator: ", "))."
    }

    /// The names of levels that were compiled, but that this machine has not.
    public static let missing: [String] = (0..<ck_level_count()).map { String(cString: ck_level_name($0)) }
        .filter { name in !levels.contains { $0.name == name } }

    public var name: String { String(cString: table.pointee.name) }
}
