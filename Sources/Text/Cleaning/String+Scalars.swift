extension String {
    init(scalars: some Sequence<Unicode.Scalar>) {
        var view = UnicodeScalarView()
        view.append(contentsOf: scalars)
        self = String(view)
    }

    var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }
}
