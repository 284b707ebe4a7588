import DalleFormat
import DalleModels
import DalleQuant
import DalleRuntime
import TestSupport
import Testing

/// Rows of a decoder that begin, go on and end on their own.
@Suite struct SessionTests {
    private let model: ConvertedModel
    private static let texts = ["a red circle", "two small blue squares", "a green ring"]

    init() throws { model = try ConvertedModel("demo/dalle", vqgan: "demo/vqgan") }

    private struct Decoder {
        let model: any ImageTokenModel
        let prompts: [any PreparedPrompt]

        init(_ file: ModelFile, _ context: ComputeContext) throws {
            let model = try DalleModel(file).tokenModel(context)
            prompts = try model.prepare(try SessionTests.texts.map { try model.tokenize($0) }) { _, _ in }
            self.model = model
        }

        /// What a prompt's image is fed at some positions: at the first nothing, as it begins by itself.
        func tokens(_ prompt: Int, _ positions: Range<Int>) -> [Int] {
            positions.filter { $0 > 0 }.map { (prompt * 31 + $0 * 7) % 100 }
        }

        /// The logits after each position of a prompt's image, alone and token by token.
        func alone(_ prompt: Int, _ count: Int) throws -> [ArraySlice<Float>] {
            let session = try model.session(rows: 1)
            try session.start([(0, prompts[prompt])])
            return try (0..<count).map { try session.step([(0, tokens(prompt, $0..<$0 + 1))]).row(0) }
        }
    }

    private static let schemes: [(any QuantizationScheme)?] = [nil, Int8Rows.standard, Int4Rows.standard]

    /// Rows join and leave, in any order, with several tokens at once.
    @Test(arguments: schemes.indices) func rowsDoNotKnowEachOther(_ number: Int) throws {
        let file = try Self.schemes[number].map(model.quantized) ?? model.file
        let decoder = try Decoder(file, ComputeContext(.fast, threads: 2))
        let expected = try (0..<3).map { try decoder.alone($0, 20) }
        #expect(expected[0] != expected[1])
        let session = try decoder.model.session(rows: 3)
        var (prompts, positions) = ([0, 0, 0], [0, 0, 0])
        func start(_ rows: [(row: Int, prompt: Int)]) throws {
            try session.start(rows.map { (row: $0.row, prompt: decoder.prompts[$0.prompt]) })
            for (row, prompt) in rows { (prompts[row], positions[row]) = (prompt, 0) }
        }
        func step(_ steps: [(row: Int, count: Int)]) throws {
            let logits = try session.step(
                steps.map { row, count in
                    (row, decoder.tokens(prompts[row], positions[row]..<positions[row] + count))
                })
            #expect(logits.rows == steps.count)
            for (index, (row, count)) in steps.enumerated() {
                positions[row] += count
                #expect(logits.row(index).elementsEqual(expected[prompts[row]][positions[row] - 1]), "row \(row)")
            }
        }
        try start([(2, 1)])
        try step([(2, 1)])
        try step([(2, 5)])
        try start([(0, 0), (1, 1)])
        try step([(1, 1), (2, 1), (0, 1)])
        try step([(0, 17), (2, 2)])
        try step([(2, 1), (1, 3)])
        // Again, with a prompt that another row has, and one that none has yet.
        try start([(0, 1)])
        try step([(0, 4), (1, 1)])
        try start([(2, 2), (1, 0)])
        for _ in 0..<3 { try step([(1, 1), (0, 1), (2, 1)]) }
    }

    /// More known tokens than go through the layers together.
    @Test(arguments: [ComputeContext.Route.reference, .fast]) func manyTokensAtOnce(_ route: ComputeContext.Route)
        throws
    {
        let decoder = try Decoder(model.file, ComputeContext(route))
        let length = decoder.model.interface.length
        let session = try decoder.model.session(rows: 4)
        try session.start([0, 1, 2, 0].enumerated().map { ($0, decoder.prompts[$1]) })
        let steps = [(0, length), (1, length - 5), (3, 40), (2, 1)]
        let found = try session.step(
            steps.map { row, count in (row, decoder.tokens(row % 3, 0..<count)) })
        for (index, (row, count)) in steps.enumerated() {
            let expected = try #require(try decoder.alone(row % 3, count).last)
            if route == .fast {
                #expect(found.row(index).elementsEqual(expected), "row \(row)")
            } else {
                #expect(zip(found.row(index), expected).allSatisfy { abs($0 - $1) < 1e-3 }, "row \(row)")
            }
        }
        #expect(throws: DalleError.self) { try session.step([(row: 0, tokens: [1])]) }
        #expect(throws: DalleError.self) { try session.step([(row: 1, tokens: [1, 2, 3, 4, 5, 6])]) }
        // What was refused has changed nothing.
        let next = decoder.tokens(1, length - 5..<length - 4)
        let expected = try #require(try decoder.alone(1, length - 4).last)
        let again = try session.step([(row: 1, tokens: next)]).row(0)
        #expect(zip(again, expected).allSatisfy { abs($0 - $1) < 1e-3 })
    }

    @Test(arguments: [ComputeContext.Route.reference, .fast]) func wrongRowsAreRefused(_ route: ComputeContext.Route)
        throws
    {
        let decoder = try Decoder(model.file, ComputeContext(route))
        let session = try decoder.model.session(rows: 2)
        let prompt = decoder.prompts[0]
        let vocabulary = decoder.model.interface.vocabulary
        #expect(throws: DalleError.self) { try session.step([(row: 0, tokens: [0])]) }
        try session.start([(row: 0, prompt: prompt)])
        for steps: [(row: Int, tokens: [Int])] in [
            [(1, [0])], [(2, [0])], [(-1, [0])], [(0, [1]), (0, [1])], [(0, [vocabulary])], [(0, [-1])],
        ] {
            let error = #expect(throws: DalleError.self, "\(steps)") { try session.step(steps) }
            #expect(error?.code == .usage, "\(steps)")
        }
        #expect(throws: DalleError.self) { try session.start([(row: 2, prompt: prompt)]) }
        #expect(throws: DalleError.self) { try session.start([(row: 1, prompt: prompt), (row: 1, prompt: prompt)]) }
        #expect(throws: DalleError.self) { try decoder.model.session(rows: 0) }
        // Rows that were refused are free as before.
        for _ in 0..<5 { try session.start([(row: 0, prompt: prompt), (row: 1, prompt: decoder.prompts[1])]) }
        #expect(try session.step([(row: 1, tokens: [1]), (row: 0, tokens: [2])]).isFinite)
        // Nothing to take, once the start is over.
        #expect(throws: DalleError.self) { try session.step([(row: 0, tokens: [])]) }
    }
}

extension Matrix {
    fileprivate var isFinite: Bool { values.allSatisfy(\.isFinite) }
}
