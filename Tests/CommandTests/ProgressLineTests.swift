import CommandSupport
import Testing

/// How progress is laid out, whatever a terminal's width.
@Suite struct ProgressLineTests {
    private static let reports = [
        ProgressReport(
            stage: "quantizing", done: 25_061_000, total: 1_027_814_195, unit: .bytes, rate: 150_050_000,
            secondsLeft: 6.7),
        ProgressReport(
            stage: "converting", done: 1_027_814_190, total: 1_027_814_195, unit: .bytes, rate: 1_072_693_248,
            secondsLeft: 46_000),
        ProgressReport(stage: "drawing prompts", done: 3, total: 48, rate: 0.123, secondsLeft: 366),
        ProgressReport(stage: "drawing", done: 2048, total: 2304, share: 0.71, secondsLeft: 12),
        ProgressReport(stage: "painting", done: 3, total: 9, share: 0.9, secondsLeft: 0.2),
        ProgressReport(stage: "encoding", done: 0, total: 12),
    ]

    @Test(arguments: reports)
    func noLineIsWiderThanTheTerminal(_ report: ProgressReport) {
        for columns in 0...220 {
            for isUTF8 in [true, false] {
                let line = report.line(columns: columns, isUTF8: isUTF8)
                #expect(line.count <= columns, "\(columns): \(line)")
                #expect(isUTF8 || line.utf8.allSatisfy { (32..<127).contains($0) }, "\(line)")
            }
        }
    }

    @Test(arguments: reports)
    func theStageAndHowFarItIsAreAlwaysThere(_ report: ProgressReport) {
        for columns in 39...200 {
            let line = report.line(columns: columns, isUTF8: true)
            #expect(line.hasPrefix(report.stage))
            #expect(line.contains("%") || line.contains(" of "))
            #expect(report.secondsLeft == nil || line.hasSuffix(" left"), "\(line)")
        }
    }

    @Test func whatMattersLessGoesFirst() {
        let report = Self.reports[0]
        #expect(
            report.line(columns: 199, isUTF8: true)
                == "quantizing \(String(repeating: "·", count: 40)) 23.9 MiB of 980.2 MiB, 143.1 MiB/s, 7 s left")
        #expect(
            report.line(columns: 79, isUTF8: false)
                == "quantizing .................... 23.9 MiB of 980.2 MiB, 143.1 MiB/s, 7 s left")
        #expect(report.line(columns: 59, isUTF8: true) == "quantizing ················ 23.9 MiB of 980.2 MiB, 7 s left")
        #expect(report.line(columns: 39, isUTF8: true) == "quantizing ············ 2 %, 7 s left")
        #expect(report.line(columns: 24, isUTF8: true) == "quantizing 2 %, 7 s left")
        #expect(report.line(columns: 15, isUTF8: true) == "quantizing 2 %")
        #expect(report.line(columns: 6, isUTF8: true) == "quanti")
        #expect(report.plainLine == "quantizing 23.9 MiB of 980.2 MiB, 143.1 MiB/s, 7 s left")
    }

    @Test func theBarShowsTheWholeRun() {
        let line = Self.reports[4].line(columns: 80, isUTF8: false)
        #expect(line == "painting ####################################.... 3 of 9, 1 s left")
    }

    @Test func guessedTimesAreWholeSeconds() {
        #expect(Readable.duration(0.2) == "1 s" && Readable.duration(59.2) == "1:00 min")
        #expect(Readable.duration(366) == "6:06 min" && Readable.duration(.infinity).hasSuffix("h"))
        #expect(Readable.count(1, "tensor") == "1 tensor" && Readable.count(0, "page") == "0 pages")
    }
}
