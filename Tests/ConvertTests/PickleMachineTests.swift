import DalleFormat
import TestSupport
import Testing

@testable import DalleConvert

@Suite struct PickleMachineTests {
    private func run(_ bytes: [UInt8], _ limits: PickleMachine.Limits = .init()) throws -> Pickle {
        var reader = ByteReader(bytes.span)
        return try PickleMachine.run(&reader, limits: limits)
    }

    private func run(_ code: PickleCode, _ limits: PickleMachine.Limits = .init()) throws -> Pickle {
        try run(code.bytes, limits)
    }

    @Test(
        arguments: [
            ("N.", "none"), ("\u{88}.", "bool(true)"), ("\u{89}.", "bool(false)"),
            ("K\u{FF}.", "integer(255)"), ("M\u{01}\u{80}.", "integer(32769)"),
            ("J\u{FE}\u{FF}\u{FF}\u{FF}.", "integer(-2)"), ("\u{8A}\u{00}.", "integer(0)"),
            ("\u{8A}\u{01}\u{80}.", "integer(-128)"), ("\u{8A}\u{02}\u{80}\u{00}.", "integer(128)"),
            ("\u{8B}\u{03}\u{00}\u{00}\u{00}\u{00}\u{00}\u{01}.", "integer(65536)"),
            (
                "\u{8A}\u{09}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}@.",
                "wideInteger([0, 0, 0, 0, 0, 0, 0, 0, 64])"
            ),
            ("G?\u{F8}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}.", "number(1.5)"),
            ("X\u{02}\u{00}\u{00}\u{00}\u{C3}\u{A9}.", "text(\"é\")"), ("\u{8C}\u{02}ab.", "text(\"ab\")"),
            ("\u{8D}\u{01}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}a.", "text(\"a\")"),
            ("U\u{02}ab.", "text(\"ab\")"), ("T\u{01}\u{00}\u{00}\u{00}\u{FF}.", "bytes(Range(5..<6))"),
            ("C\u{01}\u{FF}.", "bytes(Range(2..<3))"), ("B\u{01}\u{00}\u{00}\u{00}a.", "bytes(Range(5..<6))"),
            ("\u{96}\u{02}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}ab.", "bytes(Range(9..<11))"),
            ("\u{96}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}\u{98}.", "bytes(Range(9..<9))"),
            // Half of a surrogate pair, as Python writes a file name that is no text.
            ("\u{8C}\u{03}\u{ED}\u{B3}\u{BF}.", "bytes(Range(2..<5))"),
            ("X\u{01}\u{00}\u{00}\u{00}\u{FF}.", "bytes(Range(5..<6))"),
            // Protocol 0.
            ("I01\n.", "bool(true)"), ("I00\n.", "bool(false)"), ("I-12\n.", "integer(-12)"), ("L0L\n.", "integer(0)"),
            ("L-9223372036854775808L\n.", "integer(-9223372036854775808)"),
            ("L9223372036854775808L\n.", "wideInteger([0, 0, 0, 0, 0, 0, 0, 128, 0])"),
            ("L-9223372036854775809L\n.", "wideInteger([255, 255, 255, 255, 255, 255, 255, 127, 255])"),
            (
                "L119547037146038801333356L\n.",
                "wideInteger([108, 252, 156, 70, 249, 32, 106, 168, 80, 25])"
            ),
            ("F-1.5\n.", "number(-1.5)"), ("Finf\n.", "number(inf)"), ("S'ab'\n.", "text(\"ab\")"),
            ("S\"it's \\x41\\n\\\\\"\n.", #"text("it\'s A\n\\")"#), ("S'\\xff'\n.", "bytes(Range(1..<7))"),
            ("V\u{E9}\\u20ac\\U0001f600\n.", "text(\"é€😀\")"), ("V\\udc80\n.", "bytes(Range(1..<7))"),
            ("K\u{01}p12\n0g12\n.", "integer(1)"),
            // What stands on a mark goes first, then the mark.
            ("K\u{01}(K\u{02}00.", "integer(1)"),
            ("K\u{01}2\u{85}0.", "integer(1)"), ("K\u{01}(K\u{02}1.", "integer(1)"),
            ("K\u{01}q\u{07}0h\u{07}.", "integer(1)"),
            ("K\u{01}r\u{00}\u{01}\u{00}\u{00}0j\u{00}\u{01}\u{00}\u{00}.", "integer(1)"),
            ("\u{80}\u{04}\u{95}\u{03}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}\u{00}K\u{01}\u{94}h\u{00}0.", "integer(1)"),
        ] as [(PickleCode, String)])
    func readsValues(_ text: PickleCode, _ expected: String) throws {
        #expect("\(try run(text).root)" == expected)
    }

    @Test(
        arguments: [
            ("(K\u{01}K\u{02}t.", "tuple"), ("K\u{01}K\u{02}\u{86}.", "tuple"), ("](K\u{01}K\u{02}e.", "list"),
            ("]K\u{01}aK\u{02}a.", "list"), ("(K\u{01}K\u{02}l.", "list"), ("\u{8F}(K\u{01}K\u{02}\u{90}.", "set"),
            ("(K\u{01}K\u{02}\u{91}.", "set"), ("c__builtin__\nset\n](K\u{01}K\u{02}e\u{85}R.", "set"),
            ("cbuiltins\nlist\n(K\u{01}K\u{02}t\u{85}R.", "list"),
        ] as [(PickleCode, String)])
    func readsLists(_ text: PickleCode, _ kind: String) throws {
        let pickle = try run(text)
        #expect(pickle.describe(pickle.root) == "a \(kind)")
        #expect(pickle.elements(of: pickle.root).map { "\($0)" } == "[\(values: 1, 2)]")
    }

    @Test(
        arguments: [
            "}U\u{01}aK\u{01}sU\u{01}bK\u{02}s.", "}(U\u{01}aK\u{01}U\u{01}bK\u{02}u.",
            "(U\u{01}aK\u{01}U\u{01}bK\u{02}d.",
            "ccollections\nOrderedDict\n)R(U\u{01}aK\u{01}U\u{01}bK\u{02}u.",
            // Python 2 gives an ordered dictionary its pairs as an argument.
            "ccollections\nOrderedDict\n](](U\u{01}aK\u{01}e](U\u{01}bK\u{02}ee\u{85}R.",
            "ccollections\ndefaultdict\nc__builtin__\nlist\n\u{85}R(U\u{01}aK\u{01}U\u{01}bK\u{02}u.",
            "ccollections\nOrderedDict\n)R(U\u{01}aK\u{01}U\u{01}bK\u{02}u}U\u{09}_metadata}sb.",
            "\u{8C}\u{0B}collections\u{8C}\u{0B}OrderedDict\u{93})R(U\u{01}aK\u{01}U\u{01}bK\u{02}u.",
            "cpytorch_lightning.utilities.parsing\nAttributeDict\n)\u{81}(U\u{01}aK\u{01}U\u{01}bK\u{02}u.",
        ] as [PickleCode])
    func readsDictionaries(_ text: PickleCode) throws {
        let pickle = try run(text)
        let entries = try #require(pickle.entries(of: pickle.root))
        #expect(entries.map { "\($0.key)" } == [#"text("a")"#, #"text("b")"#])
        #expect(entries.map { "\($0.value)" } == ["integer(1)", "integer(2)"])
        #expect(pickle.entry("b", of: pickle.root).map { "\($0)" } == "integer(2)")
    }

    @Test func keepsWhatIsCalledAndWhatIsSet() throws {
        let pickle = try run("cmine\nThing\nK\u{07}\u{85}\u{81}}U\u{01}aK\u{01}sb](K\u{02}eK\u{03}\u{86}0.")
        let call = try #require(pickle.call(pickle.root))
        #expect(call.callee.description == "mine Thing")
        #expect(call.arguments.map { "\($0)" } == ["integer(7)"])
        #expect(pickle.attributes(of: pickle.root)?.map { "\($0.key)" } == [#"text("a")"#])
        #expect(pickle.describe(pickle.root) == "an instance of 'mine Thing'")
    }

    /// Every name may be called in every way, and what that makes may be filled, called and used again.
    @Test(
        arguments: [
            ("cposix\nsystem\nU\u{04}true\u{85}R.", "posix system"), ("NNcos\nsystem\n)\u{81}.", "os system"),
            ("cos\nsystem\nq\u{00}0h\u{00})R.", "os system"), ("(U\u{04}trueios\nsystem\n.", "os system"),
            ("(cos\nsystem\nU\u{04}trueo.", "os system"), ("cos\nsystem\n)}\u{92}.", "os system"),
            ("\u{8C}\u{02}os\u{8C}\u{06}system\u{93})R.", "os system"),
            ("ctorch\nFloatStorage\n)R.", "torch FloatStorage"),
            // The result of a call, called.
            ("cbuiltins\ngetattr\n)R)RK\u{01}\u{85}R.", "builtins getattr"),
            ("ccollections\ndeque\n)R(K\u{01}K\u{02}eK\u{03}a.", "collections deque"),
            ("cmine\nThing\n)R(K\u{01}K\u{02}\u{90}.", "mine Thing"),
            ("cmine\nThing\n)R(K\u{01}K\u{02}uK\u{03}K\u{04}s.", "mine Thing"),
            ("cmine\nThing\n)RNbK\u{01}b}bK\u{01}K\u{02}\u{86}b.", "mine Thing"),
            ("cmine\nThing\n)Rq\u{00}]h\u{00}ab.", "mine Thing"),
            // Arguments that nothing is known of, or that do not fit what is.
            ("cmine\nThing\ncmine\nargs\n)RR.", "mine Thing"), ("cbuiltins\nset\nK\u{01}\u{85}R.", "builtins set"),
            ("cbuiltins\ndict\n](K\u{01}e\u{85}R.", "builtins dict"),
            ("ctorch._utils\n_rebuild_parameter\n)R.", "torch._utils _rebuild_parameter"),
            ("\u{82}\u{07})R.", "copyreg extension 7"), ("\u{83}\u{01}\u{01})R.", "copyreg extension 257"),
            ("\u{84}\u{01}\u{00}\u{01}\u{00})R.", "copyreg extension 65537"),
            ("ccopy_reg\n_reconstructor\n(cmine\nThing\nc__builtin__\nobject\nNtR.", "mine Thing"),
            ("ccopyreg\n__newobj__\ncmine\nThing\n\u{85}R.", "mine Thing"), ("cmine\nA Thing\n)R.", "mine A Thing"),
        ] as [(PickleCode, String)])
    func stepsOverCalls(_ text: PickleCode, _ name: String) throws {
        let pickle = try run(text)
        guard case .object(let number) = pickle.root else { throw DalleError(.fault, "\(pickle.root)") }
        #expect(pickle.callee(of: number)?.description == name)
    }

    @Test(
        arguments: ["\u{97}.", "\u{97}\u{98}.", "Pname\n.", "K\u{07}Q.", "K\u{07}QNb.", "K\u{07}Q(K\u{01}e."]
            as [PickleCode])
    func stepsOverDataOutsideThePickle(_ text: PickleCode) throws {
        let pickle = try run(text)
        #expect(pickle.describe(pickle.root) == "data outside the pickle")
    }

    @Test func longTextsStayWhereTheyAre() throws {
        var limits = PickleMachine.Limits()
        limits.textByteCount = 4
        limits.byteCount = 40
        let long = String(repeating: "abcde", count: 100)
        #expect(
            "\(try run(PickleCode(stringLiteral: "X\u{F4}\u{01}\u{00}\u{00}" + long + "."), limits).root)"
                == "longText(Range(5..<505))")
        #expect("\(try run(PickleCode(stringLiteral: "V" + long + "\n."), limits).root)" == "longText(Range(1..<501))")
        #expect(
            "\(try run(PickleCode(stringLiteral: "B\u{F4}\u{01}\u{00}\u{00}" + long + "."), limits).root)"
                == "bytes(Range(5..<505))")
        #expect("\(try run("U\u{04}abcd.", limits).root)" == "text(\"abcd\")")
    }

    @Test func allowsNamesThatAreOnlyMentioned() throws {
        let pickle = try run("}cmain\nImageLogger\nK\u{01}s.")
        #expect(pickle.entries(of: pickle.root)?.count == 1)
    }

    @Test(
        arguments: [
            ("", "are left"), ("K", "are left"), (".", "no value"), ("\u{85}.", "no value"),
            ("K\u{01}(\u{85}.", "no value"), ("e.", "mark"), ("K\u{01}a.", "no value"),
            ("}K\u{01}a.", "APPEND on a value"),
            ("}(K\u{01}u.", "no value"), ("K\u{01}K\u{02}K\u{03}s.", "SETITEM on a value"),
            ("I\n.", "a number that is none"), ("L1x\n.", "a number that is none"), ("F1x\n.", "a number that is none"),
            ("Sab\n.", "without quotes"), ("Np-1\n.", "memo number -1"), ("Npx\n.", "a number that is none"),
            ("L\u{32}", "are left"), ("\u{98}.", "no value"),
            ("h\u{00}.", "memo number 0"),
            ("q\u{00}.", "no value"), ("](q\u{00}1h\u{00}.", "no value"), ("K\u{01}K\u{02}R.", "no name"),
            ("ccollections\nOrderedDict\nK\u{01}R.", "no tuple"),
            ("K\u{01}}b.", "no attributes"), ("]}b.", "no attributes"), ("\u{80}\u{06}.", "protocol 6"),
            ("\u{F0}.", "0xf0 does not exist"),
            ("K\u{01}K\u{02}\u{93}.", "not text"),
            ("X\u{FF}\u{FF}\u{FF}\u{7F}a.", "2147483647 bytes"),
            ("\u{8D}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}a.", "2^63"),
            ("cos\u{1B}[2J\nx\n.", "cannot be one"),
            ("(K\u{01}d.", "no value"),
            ("\u{95}\u{00}\u{00}.", "are left"),
        ] as [(PickleCode, String)])
    func refuses(_ text: PickleCode, _ message: String) throws {
        let error = try dalleError { try run(text) }
        #expect(error.code == .badData)
        #expect(error.message.contains(message), "\(error)")
        #expect(error.offset != nil)
    }

    @Test func boundsWhatItKeeps() throws {
        var limits = PickleMachine.Limits()
        limits.values = 10
        limits.marks = 3
        limits.memo = 5
        limits.textByteCount = 4
        limits.byteCount = 100
        #expect(try run("(NNNNNNNNt.", limits).objects.count == 1)
        #expect(try dalleError { try run("(NNNNNNNNNNt.", limits) }.message.contains("more than 10 values"))
        #expect(try dalleError { try run("((((t.", limits) }.message.contains("deeper than 3"))
        #expect(try dalleError { try run("Nq\u{05}.", limits) }.message.contains("expected less than 5"))
        #expect(
            try dalleError { try run(PickleCode(stringLiteral: String(repeating: "N0", count: 60) + "."), limits) }
                .message.contains("values"))
        #expect(
            try dalleError { try run(PickleCode(stringLiteral: String(repeating: "(1", count: 60) + "."), limits) }
                .message.contains("100 bytes"))
        let pairs: PickleCode = "](NN\u{86}NN\u{86}eq\u{00}0ccollections\nOrderedDict\nh\u{00}\u{85}R."
        limits.values = 12
        #expect(try dalleError { try run(pairs, limits) }.message.contains("values"))
        limits.values = 16
        #expect(try run(pairs, limits).objects.count == 5)
        limits.values = 10
        // A dictionary made of a dictionary counts as much as it holds.
        let copy: PickleCode = "}(NNNNuq\u{00}cbuiltins\ndict\nh\u{00}\u{85}R."
        #expect(try dalleError { try run(copy, limits) }.message.contains("values"))
    }

    @Test func longListsOfNumbersAreNotKept() throws {
        var limits = PickleMachine.Limits()
        (limits.values, limits.plainElements) = (20, 4)
        let numbers = String(repeating: "(NNNNNe", count: 100)
        let pickle = try run(PickleCode(stringLiteral: "]" + numbers + "(NN}Ne."), limits)
        #expect(pickle.elements(of: pickle.root)?.count == 6)
        #expect(
            try dalleError {
                try run(PickleCode(stringLiteral: "](" + String(repeating: "N", count: 30) + "e."), limits)
            }.message.contains("values"))
    }

    @Test func nestingAndSelfReferenceCostNoStack() throws {
        let depth = 500_000
        let pickle = try run(
            PickleCode(
                stringLiteral: String(repeating: "]", count: depth) + String(repeating: "a", count: depth - 1) + "."))
        #expect(pickle.objects.count == depth)
        let selfish = try run("}q\u{00}U\u{01}ah\u{00}s.")
        #expect(selfish.entry("a", of: selfish.root).map { "\($0)" } == "object(0)")
    }

    @Test func readsSeveralPicklesInARow() throws {
        let bytes = PickleCode(stringLiteral: "K\u{01}.K\u{02}.").bytes
        var reader = ByteReader(bytes.span)
        let first = try PickleMachine.run(&reader), second = try PickleMachine.run(&reader)
        let isAtEnd = reader.isAtEnd
        #expect("\(first.root), \(second.root)" == "integer(1), integer(2)")
        #expect(isAtEnd)
    }

    @Test(arguments: ["tricky_zip.pt", "tricky_containers.pt", "hostile/ok_control.pt"])
    func survivesEveryChangedByte(_ name: String) throws {
        let archive = try ZipArchive(try MappedFile(Fixtures.path("torch/\(name)")))
        let member = try #require(archive.members.first { $0.name.hasSuffix("/data.pkl") })
        let original = try archive.content(of: member, atMost: 1 << 20)
        var random = SeededGenerator(seed: 7)
        var refused = 0
        for index in original.indices {
            for change in [0x80, UInt8.random(in: 1...255, using: &random)] {
                var bytes = original
                bytes[index] ^= change
                do { _ = try run(bytes) } catch is DalleError { refused += 1 }
            }
            do { _ = try run(Array(original.prefix(index))) } catch is DalleError { refused += 1 }
        }
        #expect(refused >= original.count)
    }
}

extension String.StringInterpolation {
    /// Pickle integers as their list prints.
    fileprivate mutating func appendInterpolation(values: Int...) {
        appendLiteral(values.map { "DalleConvert.PickleValue.integer(\($0))" }.joined(separator: ", "))
    }
}

/// Instructions of a pickle, written as Latin-1 text.
struct PickleCode: ExpressibleByStringLiteral, CustomTestStringConvertible, Sendable {
    let bytes: [UInt8]

    init(stringLiteral text: String) { bytes = text.unicodeScalars.map { UInt8($0.value) } }

    /// Without the control characters themselves, which a terminal would obey.
    var testDescription: String {
        bytes.map { (0x21...0x7E).contains($0) ? String(UnicodeScalar($0)) : "\\\($0)" }.joined()
    }
}
