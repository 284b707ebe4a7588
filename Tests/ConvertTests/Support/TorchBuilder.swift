import DalleFormat
import Foundation
import TestSupport

@testable import DalleConvert

/// Writes PyTorch checkpoints whose pickle is given instruction by instruction.
struct TorchBuilder {
    /// Instructions as Latin-1 text, without protocol and stop.
    var pickle: String
    var storages: [String: [UInt8]] = [:]
    var byteOrder: String? = "little"

    func checkpoint() throws -> TorchCheckpoint {
        var zip = ZipBuilder()
        zip.members.append(.init("x/data.pkl", ("\u{80}\u{02}" + pickle + ".").unicodeScalars.map { UInt8($0.value) }))
        if let byteOrder { zip.members.append(.init("x/byteorder", Array(byteOrder.utf8))) }
        for (key, bytes) in storages { zip.members.append(.init("x/data/\(key)", bytes)) }
        let directory = try TemporaryDirectory()
        try Data(zip.bytes).write(to: directory.url.appending(path: "x.pt"))
        return try TorchCheckpoint(directory.path("x.pt"))
    }

    /// A dictionary of these values.
    static func dictionary(_ entries: [(String, String)]) -> String {
        "}(" + entries.map { text($0.0) + $0.1 }.joined() + "u"
    }

    static func tensor(
        _ key: String, count: Int, type: String = "Float", offset: Int = 0, shape: [Int], strides: [Int]
    ) -> String {
        "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\n\(type)Storage\n" + text(key) + text("cpu")
            + integer(count) + "tQ" + integer(offset) + tuple(shape) + tuple(strides)
            + "\u{89}ccollections\nOrderedDict\n)RtR"
    }

    private static func text(_ text: String) -> String { "\u{8C}\(Unicode.Scalar(UInt8(text.utf8.count)))\(text)" }

    private static func tuple(_ integers: [Int]) -> String { "(" + integers.map(integer).joined() + "t" }

    private static func integer(_ value: Int) -> String {
        withUnsafeBytes(of: Int64(value).littleEndian) { bytes in
            "\u{8A}\u{08}" + bytes.map { String(Unicode.Scalar($0)) }.joined()
        }
    }
}

extension TensorSource {
    /// All elements in row-major order.
    func numbers() throws -> [Double] {
        var bytes = [UInt8](repeating: 0, count: shape.byteCount(dtype))
        try bytes.withUnsafeMutableBytes { try read(0..<shape.count, into: $0) }
        return bytes.withUnsafeBytes { bytes in
            (0..<shape.count).map { index in
                func load<T>(_: T.Type) -> T {
                    bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.size, as: T.self)
                }
                return switch dtype {
                case .float64: load(Double.self)
                case .float32: Double(load(Float.self))
                case .float16: Double(load(Float16.self))
                case .bfloat16: Double(Float(bitPattern: UInt32(load(UInt16.self)) << 16))
                case .int64: Double(load(Int64.self))
                case .int32: Double(load(Int32.self))
                case .int16: Double(load(Int16.self))
                case .int8: Double(load(Int8.self))
                default: Double(load(UInt8.self))
                }
            }
        }
    }
}
