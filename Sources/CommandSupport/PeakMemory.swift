import Foundation

/// The memory that the system could still give to programs.
public enum AvailableMemory {
    /// Bytes; nil where the system does not say.
    public static var byteCount: Int? {
        #if os(Linux)
            guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8),
                let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }),
                let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
            else { return nil }
            return kibibytes * 1024
        #else
            return nil
        #endif
    }
}

/// The most memory that this process has had at a time.
public enum PeakMemory {
    /// Bytes, mapped files included as far as they were in memory.
    public static var byteCount: Int {
        #if canImport(Darwin)
            usage.ru_maxrss
        #else
            usage.ru_maxrss * 1024
        #endif
    }

    /// Pages that were not in memory when they were touched, and had to be read from the disk.
    public static var pagesRead: Int { usage.ru_majflt }

    private static var usage: rusage {
        var usage = rusage()
        #if canImport(Darwin)
            getrusage(RUSAGE_SELF, &usage)
        #else
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #endif
        return usage
    }
}
