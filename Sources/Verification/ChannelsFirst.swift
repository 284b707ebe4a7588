import DalleFormat
import DalleModels
import DalleRuntime

/// Pictures as PyTorch lays them out, `[channels, height, width]`.
extension FeatureMap {
    init(channelsFirst picture: NPYArray) {
        let (channels, height, width) = (picture.shape[0], picture.shape[1], picture.shape[2])
        let pixels = height * width
        let values = (0..<pixels * channels).map { Float(picture.values[$0 % channels * pixels + $0 / channels]) }
        self.init(height: height, width: width, pixels: Matrix(rows: pixels, columns: channels, values: values))
    }

    var channelsFirst: [Float] {
        (0..<channels).flatMap { channel in
            (0..<pixels.rows).map { pixels.values[$0 * channels + channel] }
        }
    }
}

extension Reference {
    /// The elements along the first axis of an array that has so many axes.
    func parts(_ name: String, rank: Int) throws(DalleError) -> [NPYArray] {
        let array = try array(name)
        // Any number of parts can have no elements.
        guard array.shape.rank == rank, array.shape.count > 0 else {
            throw DalleError(
                .badData, "has shape \(array.shape), expected \(rank) axes and an element", file: path, item: name)
        }
        var parts: [NPYArray] = []
        for index in 0..<array.shape[0] { parts.append(try array.part(index)) }
        return parts
    }
}
