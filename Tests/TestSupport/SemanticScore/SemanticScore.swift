public import DalleModels
import DalleRuntime

/// How much of what captions ask for is in the pictures drawn of them.
public struct SemanticScore: Sendable {
    /// What a caption asks for, by name, and whether the picture shows it.
    public typealias Verdict = [String: Bool]

    public private(set) var verdicts: [Verdict] = []

    public init() {}

    public mutating func add(_ verdict: Verdict) { verdicts.append(verdict) }

    /// Shares in thousandths: of each kind of attribute, of all of them (`attributes`), of pictures in which all is
    /// right and nothing else is there (`whole`).
    public var summary: [String: Int] {
        var kinds: [String: [Bool]] = [:]
        for verdict in verdicts {
            for (name, isRight) in verdict {
                kinds[String(name.filter { !$0.isNumber }), default: []].append(isRight)
                if name != "nothing_else" { kinds["attributes", default: []].append(isRight) }
            }
            kinds["whole", default: []].append(verdict.values.allSatisfy(\.self))
        }
        return kinds.mapValues { of in
            Int((1000 * Double(of.count { $0 }) / Double(of.count)).rounded(.toNearestOrEven))
        }
    }

    /// Share of what one caption asks for.
    public static func share(_ verdict: Verdict) -> Double {
        let asked = verdict.filter { $0.key != "nothing_else" }
        return Double(asked.values.count { $0 }) / Double(max(asked.count, 1))
    }
}

extension PictureJudge {
    private static let strayPixels = 24

    /// Holds a picture against the scene of its caption: only what the caption says.
    public func verdict(_ picture: Image, _ scene: LittleWorld.Scene) -> SemanticScore.Verdict {
        let seen = look(at: picture)
        var verdict: SemanticScore.Verdict = [:]
        if scene.saysGround { verdict["ground"] = seen.ground == scene.ground }
        var found: [LittleWorld.Thing?] = []
        for (number, (wanted, size)) in zip(scene.objects, scene.sizes).enumerated() {
            let object = seen.objects.first { $0.thing.color == wanted.color }
            let sound = object?.isRecognised == true ? object?.thing : nil
            found.append(sound)
            verdict["color\(number)"] = object != nil
            verdict["shape\(number)"] = sound?.shape == wanted.shape
            if !size.isEmpty { verdict["size\(number)"] = sound?.cells == wanted.cells }
        }
        if !scene.relation.isEmpty, found.count == 2 {
            // The outer one of two stands first in a scene, and second in its caption.
            if scene.relation == "inside" { found.reverse() }
            verdict["relation"] = Self.related(scene.relation, found[0], found[1])
        }
        verdict["nothing_else"] = seen.objects.count <= scene.objects.count && seen.stray <= Self.strayPixels
        return verdict
    }

    /// Whether `a` stands so to `b`; measured in half tokens between the middles.
    private static func related(_ relation: String, _ a: LittleWorld.Thing?, _ b: LittleWorld.Thing?) -> Bool {
        guard let a, let b else { return false }
        let dy = (2 * b.row + b.cells) - (2 * a.row + a.cells)
        let dx = (2 * b.col + b.cells) - (2 * a.col + a.cells)
        switch relation {
        case "inside": return abs(dy) <= 2 && abs(dx) <= 2 && a.cells < b.cells
        case "above": return dy > 4 && abs(dx) < 4
        case "below": return -dy > 4 && abs(dx) < 4
        case "left of": return dx > 4 && abs(dy) < 4
        case "right of": return -dx > 4 && abs(dy) < 4
        default: return false
        }
    }
}
