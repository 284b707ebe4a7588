import Testing

@testable import DalleFormat

/// What a terminal would act on is shown instead.
@Suite struct PlainTextTests {
    @Test(arguments: [
        ("plain, ünïcode 漢字 🦊", "plain, ünïcode 漢字 🦊"),
        // ESC, BEL and the bytes between them, which set a window's title.
        ("a \u{1b}]0;title\u{7}b", "a \\u{1b}]0;title\\u{7}b"),
        ("\0\u{8}\r\u{7f}", "\\u{0}\\u{8}\\u{d}\\u{7f}"),
        // The control sequence introducer in one character, next line, paragraph.
        ("\u{9b}31m\u{85}\u{2028}\u{2029}", "\\u{9b}31m\\u{85}\\u{2028}\\u{2029}"),
        // What turns the direction of writing, and what cannot be seen.
        (
            "\u{202e}gnp\u{202c}\u{2066}\u{2069}\u{200e}\u{61c}",
            "\\u{202e}gnp\\u{202c}\\u{2066}\\u{2069}\\u{200e}\\u{61c}"
        ),
        ("\u{feff}\u{ad}\u{2060}", "\\u{feff}\\u{ad}\\u{2060}"),
        // Persian and emoji are written with joiners, the flag of Wales with tags.
        ("می\u{200c}خواهم", "می\u{200c}خواهم"), ("👩\u{200d}🚀", "👩\u{200d}🚀"),
        ("🏴\u{e0067}\u{e0062}\u{e007f}", "🏴\u{e0067}\u{e0062}\u{e007f}"),
        ("two\nlines\tand a tab", "two\\u{a}lines\\u{9}and a tab"),
    ])
    func controlCharactersAreShown(_ text: String, _ shown: String) {
        #expect(PlainText.line(text) == shown)
    }

    @Test func linesStayLines() {
        #expect(PlainText.lines("two\nlines\tand\r\u{1b}[31m") == "two\nlines\tand\\u{d}\\u{1b}[31m")
    }

    @Test func longTextsLoseTheirMiddle() {
        #expect(PlainText.line("0123456789", maximumLength: 10) == "0123456789")
        #expect(PlainText.line("0123456789", maximumLength: 8) == "0123…89")
        #expect(PlainText.line("éééééééé", maximumLength: 8) == "éééééééé")
    }
}
