internal import CKernels

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The kernels of one instruction set.
///
/// Sums have a fixed order, so that a result does not depend on how work is divided into ranges and batches, and with int8
/// and int4 weights not on the instruction set either.
public struct Kernels: Sendable {
    // A constant table of functions.
    nonisolated(unsafe) let table: UnsafePointer<ck_kernels>

    /// Those that this machine supports, in ascending order from plain loops.
    public static let levels: [Kernels] = {
        var levels: [Kernels] = []
        while let table = ck_instruction_set(levels.count) { levels.append(Kernels(table: table)) }
        return levels
    }()

    /// Plain loops, the reference for the others.
    public static let scalar = levels[0]

    /// Those of the highest instruction set of this machine, or of the one named by the environment variable `DALLE_ISA`.
    public static let best: Kernels = {
        let highest = levels[levels.count - 1]
        guard let name = getenv("DALLE_ISA").map({ String(cString: $0) }) else { return highest }
        return levels.first { $0.name == name } ?? highest
    }()

    /// The error in the environment variable `DALLE_ISA`, if any.
    public static var unknownLevel: String? {
        guard let name = getenv("DALLE_ISA").map({ String(cString: $0) }), !levels.contains(where: { $0.name == name })
        else { return nil }
        return "DALLE_ISA is \(name); this machine has \(levels.map(\.name).joined(separator: ", "))."
    }

    /// The names of instruction sets that were compiled but that this machine does not support.
    public static let missing: [String] = (0..<ck_instruction_set_count()).map {
        String(cString: ck_instruction_set_name($0))
    }
    .filter { name in !levels.contains { $0.name == name } }

    public var name: String { String(cString: table.pointee.name) }
}
