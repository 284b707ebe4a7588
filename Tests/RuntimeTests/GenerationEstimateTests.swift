import DalleRuntime
import Testing

/// When a generation says it will be over, on machines unlike the one that its costs were measured on.
@Suite struct GenerationEstimateTests {
    /// What a stage really takes, in proportion to what is expected.
    struct Machine: CustomTestStringConvertible {
        var codes = 1.0
        var pictures = 1.0
        /// Everything takes longer by what else runs, for which the drawing thread waits.
        var load = 1.0
        /// Before the first code, weights from the disk.
        var disk = 0.0
        var images = 1
        var batch = 16

        var testDescription: String {
            "codes × \(codes), pictures × \(pictures), load \(load), \(images) images by \(batch)"
        }
    }

    /// About DALL·E mini in 8 bits; attention makes the last code three times as slow as the first.
    private static let cost = GenerationCost(
        prompt: 0.02, loading: 0.01, length: 256, firstCode: (0.006, 0.0004), lastCode: (0.018, 0.0012), picture: 0.25)

    /// The events of a run, and when each comes.
    private static func run(_ machine: Machine) -> [(event: GenerationEvent, seconds: Double, atWork: Double)] {
        var events: [(GenerationEvent, Double)] = []
        var seconds = 0.01
        for layer in 1...12 {
            seconds += 0.04 * machine.codes / 12
            events.append((.encoding(layer, of: 12), seconds))
        }
        events.append((.loading(12, of: 12), seconds))
        var drawn = 0
        while drawn < machine.images {
            let together = min(machine.batch, machine.images - drawn)
            for code in 1...256 {
                let first = 0.006 + 0.0004 * Double(together - 1)
                seconds +=
                    machine.codes * first * (1 + 2 * Double(code) / 256) + (code == 1 && drawn == 0 ? machine.disk : 0)
                events.append((.sampling(drawn * 256 + together * code, of: machine.images * 256), seconds))
            }
            events.append((.decoding(drawn, of: machine.images), seconds))
            for _ in 0..<together {
                seconds += 0.25 * machine.pictures
                drawn += 1
                events.append((.decoding(drawn, of: machine.images), seconds))
            }
        }
        return events.map { ($0.0, $0.1 * machine.load, $0.1) }
    }

    @Test(arguments: [
        Machine(), Machine(codes: 10, pictures: 10), Machine(codes: 0.5, pictures: 0.5),
        Machine(codes: 3, pictures: 3, disk: 0.5), Machine(codes: 4, pictures: 4, images: 9),
        Machine(codes: 2, pictures: 2, images: 9, batch: 2), Machine(images: 40),
        Machine(codes: 1.3, pictures: 1, images: 9),
        Machine(codes: 1, pictures: 1.4, images: 9), Machine(codes: 1, pictures: 3, images: 30, batch: 1),
        Machine(load: 6, images: 9), Machine(codes: 1.4, pictures: 1.2, load: 3, images: 9), Machine(load: 8),
    ])
    func theTimeLeftIsRightFromTheFirstFifthOn(_ machine: Machine) throws {
        let events = Self.run(machine)
        let end = try #require(events.last).seconds
        var estimate = GenerationEstimate(Self.cost, prompts: 2, images: machine.images, batch: machine.batch)
        var share = 0.0
        for (event, seconds, atWork) in events {
            estimate.note(event, at: seconds, atWork: atWork)
            guard seconds > end / 5, seconds < end else { continue }
            let left = try #require(estimate.secondsLeft(at: seconds))
            #expect(abs(seconds + left - end) <= 0.25 * end, "\(seconds) and \(left) of \(end)")
            let now = estimate.share(at: seconds)
            #expect(now >= share - 0.1 && now <= 1)
            share = now
        }
        #expect(estimate.secondsLeft(at: end) == 0 && estimate.share(at: end) == 1)
    }

    /// What else runs holds pictures up as it does codes, and slow memory hardly does.
    @Test(arguments: [(load: 1.0, codes: 1.0, pictures: 1.0), (4, 1, 4), (1, 4, 2), (4, 4, 8), (2, 1.5, 2.45)])
    func picturesAreHeldUpByTheLoadOfTheCodes(_ load: Double, _ codes: Double, _ pictures: Double) throws {
        let events = Self.run(Machine(codes: codes, load: load, images: 4))
        var estimate = GenerationEstimate(Self.cost, prompts: 2, images: 4, batch: 4)
        for (event, seconds, atWork) in events {
            if case .decoding = event { break }
            estimate.note(event, at: seconds, atWork: atWork)
        }
        let drawn = try #require(events.last { if case .sampling = $0.event { true } else { false } }).seconds
        let left = try #require(estimate.secondsLeft(at: drawn))
        #expect(abs(left - pictures * 4 * 0.25) < 0.03 * left, "\(left)")
    }

    /// Before the first picture comes what paints it.
    @Test func loadingThePainterCounts() throws {
        let cost = GenerationCost(
            prompt: 0, loading: 0, length: 4, firstCode: (1, 0), lastCode: (1, 0), painter: 3, picture: 2)
        var estimate = GenerationEstimate(cost, prompts: 1, images: 2, batch: 2)
        estimate.note(.sampling(2, of: 8), at: 1)
        estimate.note(.sampling(8, of: 8), at: 4)
        #expect(estimate.secondsLeft(at: 4) == 7)
        estimate.note(.decoding(0, of: 2), at: 4)
        estimate.note(.decoding(1, of: 2), at: 14)
        #expect(estimate.secondsLeft(at: 14) == 4)
    }

    @Test func nothingIsSaidBeforeTheSpeedIsKnown() {
        var estimate = GenerationEstimate(Self.cost, prompts: 2, images: 1, batch: 1)
        #expect(estimate.secondsLeft(at: 1) == nil && estimate.share(at: 1) == 0)
        estimate.note(.sampling(1, of: 256), at: 20)
        #expect(estimate.secondsLeft(at: 20) == nil, "the first code waits for the disk")
        estimate.note(.sampling(2, of: 256), at: 20.006)
        #expect(estimate.secondsLeft(at: 20.006) ?? 100 < 5)
    }

    /// Between two events time passes all the same.
    @Test func timeGoesOnBetweenEvents() throws {
        var estimate = GenerationEstimate(Self.cost, prompts: 2, images: 1, batch: 1)
        for code in 1...128 { estimate.note(.sampling(code, of: 256), at: Double(code) / 100) }
        let left = try #require(estimate.secondsLeft(at: 1.28))
        #expect(abs((estimate.secondsLeft(at: 1.38) ?? 0) - (left - 0.1)) < 1e-9)
        #expect(estimate.secondsLeft(at: 1000) == 0)
    }
}
