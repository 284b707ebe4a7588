import DalleFormat
import Glibc

/// Hands a fuzzer's bytes to readers that take files, and holds them to what they promise.
enum Input {
    /// What of a tensor is read: its claims are checked when the file is opened.
    static let longestTensor = 1 << 20

    /// Calls `body` with the path of a file that holds the bytes.
    ///
    /// A reader may refuse them, in a line or two that disturb no terminal; whatever else it does is a finding.
    static func run(_ start: UnsafePointer<UInt8>, _ count: Int, _ body: (String) throws(DalleError) -> Void) {
        let bytes = UnsafeBufferPointer(start: start, count: count)
        do throws(DalleError) {
            try body(path(of: UnsafeRawBufferPointer(bytes)))
        } catch {
            let text = error.description
            // A file may claim any size.
            require([.badData, .missingInput, .noMemory].contains(error.code), "an error of another kind", text)
            require(text.utf8.count < 16384, "a long error", text)
            require(!text.unicodeScalars.contains { $0.value < 0x20 }, "an error with control characters", text)
        }
    }

    private static func require(_ condition: Bool, _ finding: String, _ text: String) {
        guard !condition else { return }
        print("\(finding): \(text)")
        abort()
    }

    /// The file, in memory and without a name, that stands for the input.
    private static let descriptor = {
        let name = "/fuzz-\(getpid())"
        defer { shm_unlink(name) }
        return shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0o600)
    }()

    static func path(of bytes: UnsafeRawBufferPointer) -> String {
        precondition(ftruncate(descriptor, 0) == 0)
        precondition(pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count)
        return "/proc/self/fd/\(descriptor)"
    }
}

extension TensorSource {
    /// Reads every element, in two parts that do not end at a row, unless it is too large for a fuzzer's patience.
    func readAll() throws(DalleError) {
        guard shape.byteCount(dtype) <= Input.longestTensor else { return }
        let middle = shape.count / 2
        for part in [0..<middle, middle..<shape.count] {
            let target = UnsafeMutableRawBufferPointer.allocate(byteCount: part.count * dtype.byteCount, alignment: 8)
            defer { target.deallocate() }
            try read(part, into: target)
        }
        finish()
    }
}
