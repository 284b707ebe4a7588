public import DalleModels

extension Image {
    /// Decoded pixels from 0 to 1, rounded to the nearest byte: as the pictures were made that the original
    /// program's verdicts are of. (Pictures for people are rounded down, as dalle-mini does.)
    public init(rounding raw: FeatureMap) {
        self.init(
            width: raw.width, height: raw.height,
            bytes: raw.pixels.values.map {
                UInt8((min(max($0, 0), 1) * 255).rounded(.toNearestOrEven))
            })
    }
}
