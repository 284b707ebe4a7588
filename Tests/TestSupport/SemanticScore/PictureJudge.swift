public import DalleModels
import DalleRuntime
import DalleVerification

/// Says from the pixels what is in a picture of the little world.
///
/// The twin, integer for integer, of `fixtures/demo/train/judge.py`, which says how it works; a test holds them equal.
public struct PictureJudge: Sendable {
    /// What was found in a picture.
    public struct Findings: Sendable, Equatable {
        public struct Object: Sendable, Equatable {
            public let thing: LittleWorld.Thing
            /// Whether its box looks as it should.
            public var isRecognised = false
        }

        public let ground: String
        public var objects: [Object]
        /// Pixels that nothing found explains.
        public let stray: Int
    }

    static let colors = ["red", "orange", "yellow", "green", "blue", "purple"]
    static let grounds = ["white", "black", "gray"]
    private static let shapes = ["circle", "square", "triangle", "star", "heart", "ring"]
    private static let sizes = [2, 4, 6]
    private static let (side, token) = (64, 8)
    private static let (candidatePixels, leastGain, mostObjects, strayError) = (36, 6000, 4, 210)

    private let palette: [[Int]]
    /// How much of each pixel of its box a shape covers, of 255.
    private let cover: [String: [Int]]

    /// - Throws: when `fixtures/demo/train/templates.npz` cannot be read.
    public init() throws {
        let templates = try Reference(Fixtures.path("demo/train/templates.npz"))
        let colors = try templates.array("palette").integers()
        palette = stride(from: 0, to: colors.count, by: 3).map { Array(colors[$0..<$0 + 3]) }
        var cover: [String: [Int]] = [:]
        for shape in Self.shapes {
            for cells in Self.sizes {
                cover["\(shape)_\(cells)"] = try templates.array("\(shape)_\(cells)").integers()
            }
        }
        self.cover = cover
    }

    /// A picture of 64 or 128 pixels along an edge.
    public func look(at picture: Image) -> Findings {
        let image = Self.reduced(picture)
        let counts = pixelCounts(image)
        let ground = (6..<9).max { counts[$0] != counts[$1] ? counts[$0] < counts[$1] : $0 > $1 } ?? 6
        let candidates = (0..<6).filter { counts[$0] >= Self.candidatePixels }
        var canvas = (0..<image.count).map { palette[ground][$0 % 3] }
        var objects: [Findings.Object] = []
        while objects.count < Self.mostObjects {
            guard let (gain, thing) = bestThing(image, canvas, candidates), gain >= Self.leastGain else { break }
            paint(thing, on: &canvas)
            objects.append(.init(thing: thing))
        }
        let stray = Self.errors(image, canvas).map { $0 > Self.strayError }
        for number in objects.indices {
            let thing = objects[number].thing
            let area = cover(thing).count { $0 >= 128 }
            var strayInside = 0
            Self.forEachPixel(of: thing) { pixel, _ in strayInside += stray[pixel] ? 1 : 0 }
            objects[number].isRecognised = 5 * strayInside <= 2 * area
        }
        return Findings(ground: Self.grounds[ground - 6], objects: objects, stray: stray.count { $0 })
    }

    /// To 64 pixels along an edge: the rounded mean of 2 × 2.
    private static func reduced(_ picture: Image) -> [Int] {
        precondition([side, 2 * side].contains(picture.width) && picture.width == picture.height)
        guard picture.width != side else { return picture.bytes.map { Int($0) } }
        let stride = 3 * picture.width
        return (0..<side * side * 3).map { i in
            let (y, x, c) = (i / 3 / side, i / 3 % side, i % 3)
            let first = 2 * y * stride + 6 * x + c
            let sum = [first, first + 3, first + stride, first + stride + 3].reduce(2) { $0 + Int(picture.bytes[$1]) }
            return sum / 4
        }
    }

    /// Pixels that are nearest to each of the nine colours.
    private func pixelCounts(_ image: [Int]) -> [Int] {
        var counts = [Int](repeating: 0, count: 9)
        for start in stride(from: 0, to: image.count, by: 3) {
            var (best, nearest) = (Int.max, 0)
            for (number, color) in palette.enumerated() {
                let (r, g, b) = (image[start] - color[0], image[start + 1] - color[1], image[start + 2] - color[2])
                let distance = r * r + g * g + b * b
                if distance < best { (best, nearest) = (distance, number) }
            }
            counts[nearest] += 1
        }
        return counts
    }

    /// The object that explains most of what the canvas lacks; of equal ones the first tried.
    private func bestThing(
        _ image: [Int], _ canvas: [Int], _ candidates: [Int]
    ) -> (gain: Int, thing: LittleWorld.Thing)? {
        let errors = Self.errors(image, canvas)
        var best: (gain: Int, thing: LittleWorld.Thing)?
        for color in candidates {
            for shape in Self.shapes {
                for cells in Self.sizes {
                    let places = Self.side / Self.token - cells + 1
                    for place in 0..<places * places {
                        let thing = LittleWorld.Thing(
                            shape: shape, color: Self.colors[color], cells: cells, row: place / places,
                            col: place % places)
                        let gain = gain(thing, palette[color], image, canvas, errors)
                        if gain > best?.gain ?? 0 { best = (gain, thing) }
                    }
                }
            }
        }
        return best
    }

    private func gain(
        _ thing: LittleWorld.Thing, _ color: [Int], _ image: [Int], _ canvas: [Int], _ errors: [Int]
    ) -> Int {
        let cover = cover(thing)
        var gain = 0
        image.withUnsafeBufferPointer { image in
            canvas.withUnsafeBufferPointer { canvas in
                cover.withUnsafeBufferPointer { cover in
                    Self.forEachPixel(of: thing) { pixel, index in
                        let share = cover[index]
                        // Where the shape is not, nothing changes.
                        guard share > 0 else { return }
                        var after = 0
                        for c in 0..<3 {
                            let i = 3 * pixel + c
                            after += abs(image[i] - Self.mixed(canvas[i], color[c], share))
                        }
                        gain += errors[pixel] - after
                    }
                }
            }
        }
        return gain
    }

    private func paint(_ thing: LittleWorld.Thing, on canvas: inout [Int]) {
        let cover = cover(thing)
        let color = palette[Self.colors.firstIndex(of: thing.color) ?? 0]
        Self.forEachPixel(of: thing) { pixel, index in
            for c in 0..<3 { canvas[3 * pixel + c] = Self.mixed(canvas[3 * pixel + c], color[c], cover[index]) }
        }
    }

    private func cover(_ thing: LittleWorld.Thing) -> [Int] { cover["\(thing.shape)_\(thing.cells)"] ?? [] }

    private static func mixed(_ old: Int, _ color: Int, _ cover: Int) -> Int {
        (old * (255 - cover) + color * cover + 127) / 255
    }

    private static func errors(_ image: [Int], _ canvas: [Int]) -> [Int] {
        stride(from: 0, to: image.count, by: 3).map { i in
            abs(image[i] - canvas[i]) + abs(image[i + 1] - canvas[i + 1]) + abs(image[i + 2] - canvas[i + 2])
        }
    }

    /// Calls `body` with the number of each pixel of a thing's box, in the picture and in the box.
    private static func forEachPixel(of thing: LittleWorld.Thing, _ body: (_ pixel: Int, _ index: Int) -> Void) {
        let edge = thing.cells * token
        let start = thing.row * token * side + thing.col * token
        for y in 0..<edge {
            for x in 0..<edge { body(start + y * side + x, y * edge + x) }
        }
    }
}
