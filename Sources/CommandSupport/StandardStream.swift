import Foundation
import Synchronization

/// Standard output or error, written without a buffer: what is said is there at once, whatever comes then.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// Why standard output could not be written, as the system's number; 0 as long as it could.
    private static let outputError = Atomic<Int32>(0)

    /// Writes a text as it is.
    ///
    /// What standard error does not take is lost. The first failure of standard output is kept for the end: work whose
    /// result is a file goes on.
    func write(_ text: String) {
        var text = text
        _ = text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// Writes bytes in the same way.
    ///
    /// - Returns: Whether all were taken.
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard self == .error || Self.outputError.load(ordering: .relaxed) == 0 else { return false }
        let problem = Self.write(bytes, to: rawValue)
        if self == .output, problem != 0 { Self.outputError.store(problem, ordering: .relaxed) }
        return problem == 0
    }

    /// - Returns: the system's number of what went wrong, or 0.
    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
            if count >= 0 {
                done += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // Somebody who shares the stream does not wait for it: we do.
                var stream = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&stream, 1, -1)
            default: return errno
            }
        }
        return 0
    }

    /// Gives descriptors 0 to 2 that are closed to something that can neither be read nor written; else the next files that are
    /// opened would get the numbers, and with them what is said.
    static func fillGaps() {
        for (descriptor, mode) in [(0, O_WRONLY), (1, O_RDONLY), (2, O_RDONLY)] as [(Int32, Int32)]
        where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
            _ = open("/dev/null", mode)
        }
    }

    /// Closes standard output.
    ///
    /// - Returns: Why not all of it could be written, as the system's number; 0 if it could.
    static func finish() -> Int32 {
        // Some file systems say only now what did not fit.
        if close(output.rawValue) != 0 {
            _ = outputError.compareExchange(expected: 0, desired: errno, ordering: .relaxed)
        }
        return outputError.load(ordering: .relaxed)
    }
}
