import Foundation

/// What standard error can show.
public enum Terminal {
    /// Whether a line can be drawn over: a terminal that understands how.
    public static var isInteractive: Bool { isatty(2) != 0 && environment["TERM"] != "dumb" }

    /// Columns, asked each time, since a window changes its size.
    public static var columns: Int {
        var size = winsize()
        if ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        return environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 80
    }

    /// Whether characters beyond ASCII are shown as they are.
    public static let isUTF8: Bool = {
        // The first that is set decides, as in setlocale(3).
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        #if canImport(Darwin)
            guard let locale else { return true }
        #else
            guard let locale else { return false }
        #endif
        return locale.uppercased().filter { $0 != "-" }.contains("UTF8")
    }()

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }
}
