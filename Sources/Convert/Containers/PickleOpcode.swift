/// The instructions of Python's pickle protocols 0 to 5.
///
/// After CPython's `Lib/pickletools.py`.
enum PickleOpcode: UInt8 {
    case mark = 0x28  // (
    case stop = 0x2E  // .
    case pop = 0x30  // 0
    case popMark = 0x31  // 1
    case dup = 0x32  // 2

    // Numbers, truth values, texts and bytes.
    case float = 0x46  // F
    case int = 0x49  // I
    case binint = 0x4A  // J
    case binint1 = 0x4B  // K
    case long = 0x4C  // L
    case binint2 = 0x4D  // M
    case none = 0x4E  // N
    case string = 0x53  // S
    case binstring = 0x54  // T
    case shortBinstring = 0x55  // U
    case unicode = 0x56  // V
    case binunicode = 0x58  // X
    case binfloat = 0x47  // G
    case newtrue = 0x88
    case newfalse = 0x89
    case long1 = 0x8A
    case long4 = 0x8B
    case binbytes = 0x42  // B
    case shortBinbytes = 0x43  // C
    case shortBinunicode = 0x8C
    case binunicode8 = 0x8D
    case binbytes8 = 0x8E
    case bytearray8 = 0x96

    // Lists, tuples, dictionaries and sets.
    case emptyTuple = 0x29  // )
    case emptyList = 0x5D  // ]
    case emptyDict = 0x7D  // }
    case emptySet = 0x8F
    case tuple = 0x74  // t
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case list = 0x6C  // l
    case dict = 0x64  // d
    case frozenset = 0x91
    case append = 0x61  // a
    case appends = 0x65  // e
    case setitem = 0x73  // s
    case setitems = 0x75  // u
    case additems = 0x90

    // Names and what is made by calling them.
    case global = 0x63  // c
    case stackGlobal = 0x93
    case reduce = 0x52  // R
    case build = 0x62  // b
    case inst = 0x69  // i
    case obj = 0x6F  // o
    case newobj = 0x81
    case newobjEx = 0x92
    case ext1 = 0x82
    case ext2 = 0x83
    case ext4 = 0x84
    case persid = 0x50  // P
    case binpersid = 0x51  // Q

    // Values used again.
    case get = 0x67  // g
    case binget = 0x68  // h
    case longBinget = 0x6A  // j
    case put = 0x70  // p
    case binput = 0x71  // q
    case longBinput = 0x72  // r
    case memoize = 0x94

    // Framing and buffers outside the stream.
    case proto = 0x80
    case frame = 0x95
    case nextBuffer = 0x97
    case readonlyBuffer = 0x98

    /// Python's name for it.
    var name: String {
        "\(self)".reduce(into: "") { name, letter in
            if letter.isUppercase { name += "_" }
            name += letter.uppercased()
        }
    }
}
