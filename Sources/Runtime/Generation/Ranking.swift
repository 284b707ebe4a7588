import DalleFormat
import DalleModels

/// The best images of each group.
struct Ranking {
    private struct Group: Hashable {
        let number: Int
        let prompt: String

        init(_ request: Request) { (number, prompt) = (request.group, request.prompt) }
    }

    private let keep: Int
    /// Images of each group that have yet to come.
    private var missing: [Group: Int] = [:]
    private var ranked: [Group: [GeneratedImage]] = [:]

    init(keep: Int, _ requests: [Request]) {
        self.keep = keep
        for request in requests { missing[Group(request), default: 0] += 1 }
    }

    /// Takes the next image.
    ///
    /// - Returns: What can be handed over: with the last image of a group its best, best first.
    mutating func add(
        _ image: GeneratedImage, _ scorer: any TextImageScorer
    ) throws(DalleError) -> [GeneratedImage] {
        let group = Group(image.request)
        var image = image
        image.score = try scorer.scores([image.image], image.request.prompt).first
        ranked[group, default: []].append(image)
        missing[group, default: 1] -= 1
        guard missing[group] == 0 else { return [] }
        let images = ranked.removeValue(forKey: group) ?? []
        // Of equal ones the first requested comes first.
        return images.sorted {
            let (a, b) = ($0.score ?? 0, $1.score ?? 0)
            return a != b ? a > b : $0.number < $1.number
        }.prefix(keep).map(\.self)
    }
}
