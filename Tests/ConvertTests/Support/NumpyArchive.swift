import DalleFormat
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

/// The arrays of an `.npz` fixture, as numbers.
struct NumpyArchive {
    struct Array: Equatable {
        let shape: [Int]
        let dtype: String
        let values: [Double]
    }

    private let archive: ZipArchive

    init(_ fixture: String) throws { archive = try ZipArchive(try MappedFile(Fixtures.path(fixture))) }

    var names: [String] { archive.members.map { String($0.name.dropLast(".npy".count)) } }

    func array(_ name: String) throws -> Array {
        let bytes = try archive.content(of: try #require(archive[name + ".npy"]), atMost: 1 << 20)
        var reader = ByteReader(bytes.span)
        try reader.skip(8)
        let header = try reader.text(Int(try reader.littleEndian(UInt16.self)))
        let match = try #require(
            header.firstMatch(of: /'descr': '[<|]([a-z])(\d)', 'fortran_order': (False|True), 'shape': \(([\d, ]*)\)/))
        let shape = match.4.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        var values: [Double] = []
        while !reader.isAtEnd {
            switch match.1 + match.2 {
            case "f8": values.append(Double(bitPattern: try reader.littleEndian(UInt64.self)))
            case "f4": values.append(Double(Float(bitPattern: try reader.littleEndian(UInt32.self))))
            case "f2": values.append(Double(Float16(bitPattern: try reader.littleEndian(UInt16.self))))
            case "i8": values.append(Double(Int64(bitPattern: try reader.littleEndian(UInt64.self))))
            case "i4": values.append(Double(Int32(bitPattern: try reader.littleEndian(UInt32.self))))
            case "i2": values.append(Double(Int16(bitPattern: try reader.littleEndian(UInt16.self))))
            case "i1": values.append(Double(Int8(bitPattern: try reader.byte())))
            default: values.append(Double(try reader.byte()))
            }
        }
        if match.3 == "True" { values = Self.rowMajor(values, shape) }
        return Array(shape: shape, dtype: String(match.1 + match.2), values: values)
    }

    private static func rowMajor(_ values: [Double], _ shape: [Int]) -> [Double] {
        values.indices.map { index in
            var (rest, source, step) = (index, 0, 1)
            var digits: [Int] = []
            for extent in shape.reversed() {
                digits.insert(rest % extent, at: 0)
                rest /= extent
            }
            for (digit, extent) in zip(digits, shape) {
                source += digit * step
                step *= extent
            }
            return values[source]
        }
    }
}
