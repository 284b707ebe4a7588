import DalleFormat
import DalleModels
import DalleQuant
import DalleRuntime
import DalleText
import TestSupport
import Testing

/// Rows of a decoder that begin, go on and end on their own.
@Suite struct SessionTests {
    private let model: ConvertedModel
    private static let texts = ["a red circle", "two small blue squares", "a green ring"]

    init() throws { model = try ConvertedModel("demo/dalle", vqgan: "demo/vqgan") }

    private struct Decoder {
        let decoder: any CodeDecoder
        let prompts: [EncodedPrompt]

        init(_ file: ModelFile, _ context: ComputeContext) throws {
            let encoder = try context.promptEncoder(file)
            let tokenizer = try PromptTokenizer(file, encoder.configuration)
            prompts = try encoder.encode(try SessionTests.texts.map { try tokenizer($0) })
            decoder = try context.codeDecoder(file)
        }

        /// The token that a sequence has at a position.
        func token(_ prompt: Int, _ position: Int) -> Int {
            position == 0 ? decoder.configuration.startToken : (prompt * 31 + position * 7) % 100
        }

        /// The logits after each position of a prompt's image, alone and token by token.
        func alone(_ prompt: Int, _ count: Int) throws -> [ArraySlice<Float>] {
            let session = try decoder.session([prompts[prompt]], rows: [0])
            return try (0..<count).map { try session.step([token(prompt, $0)]).row(0) }
        }
    }

    private static let schemes: [(any QuantizationScheme)?] = [nil, Int8Rows.standard, Int4Rows.standard]

    /// Rows join and leave, in any order, with several tokens at once.
    @Test(arguments: schemes.indices) func rowsDoNotKnowEachOther(_ number: Int) throws {
        let file = try Self.schemes[number].map(model.quantized) ?? model.file
        let decoder = try Decoder(file, ComputeContext(.fast, threads: 2))
        let expected = try (0..<3).map { try decoder.alone($0, 20) }
        #expect(expected[0] != expected[1])
        let session = try decoder.decoder.session(rows: 3)
        var (prompts, positions) = ([0, 0, 0], [0, 0, 0])
        func start(_ rows: [(row: Int, prompt: Int)]) throws {
            try session.start(rows.map { (row: $0.row, prompt: decoder.prompts[$0.prompt]) })
            for (row, prompt) in rows { (prompts[row], positions[row]) = (prompt, 0) }
        }
        func step(_ steps: [(row: Int, count: Int)]) throws {
            let logits = try session.step(
                steps.map { row, count in
                    (row: row, tokens: (0..<count).map { decoder.token(prompts[row], positions[row] + $0) })
                })
            #expect(logits.rows == steps.count)
            for (index, (row, count)) in steps.enumerated() {
                positions[row] += count
                #expect(logits.row(index).elementsEqual(expected[prompts[row]][positions[row] - 1]), "row \(row)")
            }
            #expect(try session.faultyLayer() == nil)
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
        let length = decoder.decoder.configuration.imageLength
        let session = try decoder.decoder.session(decoder.prompts, rows: [0, 1, 2, 0])
        let steps = [(0, length), (1, length - 5), (3, 40), (2, 1)]
        let found = try session.step(
            steps.map { row, count in (row: row, tokens: (0..<count).map { decoder.token(row % 3, $0) }) })
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
        let next = decoder.token(1, length - 5)
        let expected = try #require(try decoder.alone(1, length - 4).last)
        let again = try session.step([(row: 1, tokens: [next])]).row(0)
        #expect(zip(again, expected).allSatisfy { abs($0 - $1) < 1e-3 })
    }

    @Test(arguments: [ComputeContext.Route.reference, .fast]) func wrongRowsAreRefused(_ route: ComputeContext.Route)
        throws
    {
        let decoder = try Decoder(model.file, ComputeContext(route))
        let session = try decoder.decoder.session(rows: 2)
        let prompt = decoder.prompts[0]
        let vocabulary = decoder.decoder.configuration.imageVocabulary
        #expect(throws: DalleError.self) { try session.step([(row: 0, tokens: [0])]) }
        try session.start([(row: 0, prompt: prompt)])
        for steps: [(row: Int, tokens: [Int])] in [
            [(1, [0])], [(2, [0])], [(-1, [0])], [(0, [])], [(0, [1]), (0, [1])], [(0, [vocabulary])], [(0, [-1])],
        ] {
            let error = #expect(throws: DalleError.self, "\(steps)") { try session.step(steps) }
            #expect(error?.code == .usage, "\(steps)")
        }
        #expect(throws: DalleError.self) { try session.start([(row: 2, prompt: prompt)]) }
        #expect(throws: DalleError.self) { try session.start([(row: 1, prompt: prompt), (row: 1, prompt: prompt)]) }
        #expect(throws: DalleError.self) { try decoder.decoder.session(rows: 0) }
        // Rows that were refused are free as before.
        for _ in 0..<5 { try session.start([(row: 0, prompt: prompt), (row: 1, prompt: decoder.prompts[1])]) }
        #expect(try session.step([(row: 1, tokens: [1]), (row: 0, tokens: [2])]).isFinite)
    }
}

extension Matrix {
    fileprivate var isFinite: Bool { values.allSatisfy(\.isFinite) }
}
