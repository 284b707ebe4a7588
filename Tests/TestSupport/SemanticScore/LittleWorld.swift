import Foundation

/// What the demo model was trained on: captions and the scenes they describe (`fixtures/demo/captions.json`).
public struct LittleWorld: Decodable, Sendable {
    /// An object on the grid of 8 × 8 tokens.
    public struct Thing: Decodable, Sendable, Equatable {
        public let shape: String
        public let color: String
        /// Edge of its box, in tokens.
        public let cells: Int
        public let row: Int
        public let col: Int
    }

    public struct Scene: Decodable, Sendable {
        public let ground: String
        /// Whether the caption says the ground.
        public let saysGround: Bool
        /// As they are painted: of two inside each other the outer one first.
        public let objects: [Thing]
        /// The size that the caption says of each object; empty when it says none.
        public let sizes: [String]
        /// How the first object that the caption names stands to the second; empty when there is one.
        public let relation: String

        enum CodingKeys: String, CodingKey {
            case ground, objects, sizes, relation
            case saysGround = "say_ground"
        }
    }

    public struct Caption: Decodable, Sendable {
        public let caption: String
        public let scene: Scene
    }

    /// Captions that were looked at while training, and ones that were not.
    public let dev: [Caption]
    public let test: [Caption]

    public static func load() throws -> LittleWorld {
        try JSONDecoder().decode(LittleWorld.self, from: Fixtures.data("demo/captions.json"))
    }
}
