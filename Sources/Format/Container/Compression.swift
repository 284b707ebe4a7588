/// How a tensor's chunks are encoded when a file is written.
public enum Compression: Sendable, Equatable {
    case none
    /// Byte planes, each as a zstd frame where that saves something: of this level where bytes repeat, else of a kind
    /// that only looks at how frequent each byte is. A chunk that shrinks too little is stored.
    case zstd(level: Int)

    /// A chunk that shrinks less is stored: it can then be used in place.
    static let worthwhile = 0.97
}

extension Compression: CustomStringConvertible {
    /// As a command's option spells it.
    public var description: String {
        switch self {
        case .none: "none"
        case .zstd(let level): "zstd:\(level)"
        }
    }
}
