import Foundation

/// The most memory that this process has had at a time.
public enum PeakMemory {
    /// Bytes, mapped files included as far as they were in memory.
    public static var byteCount: Int {
        var usage = rusage()
        #if canImport(Darwin)
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #else
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss * 1024
        #endif
    }
}
