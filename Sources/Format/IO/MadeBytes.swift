#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension MappedFile {
    /// Bytes that come out of a file only by work on it, mapped like one.
    ///
    /// Up to `maximumBytesInMemory` bytes stay in memory. More go through a temporary file without a name, which is gone with the
    /// object or the process: the system can take their pages back.
    ///
    /// - Parameters:
    ///   - path: the file that they come from, for messages.
    ///   - count: how many there will be; other numbers are a fault of `make`'s.
    ///   - make: hands over all bytes, in order and in pieces of any size.
    /// - Throws: `cannotWrite` when there is no room for them; what `make` throws.
    public static func made(
        from path: String, count: Int, _ make: (inout Output) throws(DalleError) -> Void
    ) throws(DalleError) -> MappedFile {
        try made(from: path, count: count, in: temporaryDirectory, make)
    }

    /// - Parameter directory: where the temporary file is.
    static func made(
        from path: String, count: Int, in directory: String, _ make: (inout Output) throws(DalleError) -> Void
    ) throws(DalleError) -> MappedFile {
        guard count > 0 else {
            var output = Output(path: path, count: 0, place: .memory(nil))
            try make(&output)
            return MappedFile(path: path, base: nil, count: 0, isOfFile: false)
        }
        if count <= maximumBytesInMemory {
            guard let pages = SystemMemory.map(count) else {
                throw DalleError.noMemory(count, for: "its content").located(file: path)
            }
            // Unmaps the pages whatever comes.
            let file = MappedFile(path: path, base: pages, count: count, isOfFile: false)
            var output = Output(path: path, count: count, place: .memory(pages))
            try make(&output)
            try output.requireWhole()
            return file
        }
        guard let descriptor = Descriptor.temporary(in: directory) else {
            throw Output.noRoom(count, in: directory, for: path)
        }
        var output = Output(path: path, count: count, place: .file(descriptor.number, directory))
        try make(&output)
        try output.requireWhole()
        guard let pages = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor.number, 0), pages != MAP_FAILED else {
            throw DalleError.noMap(count, of: path, .cannotWrite, "cannot be unpacked")
        }
        return MappedFile(path: path, base: pages, count: count, isOfFile: true)
    }

    static let maximumBytesInMemory = 1 << 20

    /// What the user says, else where large files may lie.
    private static var temporaryDirectory: String {
        if let said = getenv("TMPDIR"), said.pointee != 0 { return String(cString: said) }
        return access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp"
    }

    /// Where `made(from:count:_:)` puts bytes.
    public struct Output {
        enum Place {
            case memory(UnsafeMutableRawPointer?)
            case file(Int32, String)
        }

        let path: String
        let count: Int
        let place: Place
        private(set) var written = 0

        init(path: String, count: Int, place: Place) {
            (self.path, self.count, self.place) = (path, count, place)
        }

        /// - Throws: `cannotWrite` when the disk is full, `fault` when there are more bytes than were announced.
        public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(DalleError) {
            guard bytes.count <= count - written else { throw wrongCount(written + bytes.count) }
            switch place {
            case .memory(let base):
                if let base, let source = bytes.baseAddress {
                    (base + written).copyMemory(from: source, byteCount: bytes.count)
                }
            case .file(let descriptor, let directory):
                var done = 0
                while done < bytes.count {
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                    let now = pwrite(descriptor, rest.baseAddress, rest.count, off_t(written + done))
                    if now < 0, errno == EINTR { continue }
                    guard now > 0 else { throw Self.noRoom(count, in: directory, for: path) }
                    done += now
                }
            }
            written += bytes.count
        }

        func requireWhole() throws(DalleError) {
            guard written == count else { throw wrongCount(written) }
        }

        private func wrongCount(_ found: Int) -> DalleError {
            DalleError(.fault, "\(found) bytes were made of it instead of \(count)", file: path)
        }

        static func noRoom(_ count: Int, in directory: String, for path: String) -> DalleError {
            DalleError(
                .cannotWrite, "cannot be unpacked into \(directory): \(systemMessage())",
                remedy: "Make room for \(count) bytes there, or name another directory in TMPDIR", file: path)
        }
    }
}
