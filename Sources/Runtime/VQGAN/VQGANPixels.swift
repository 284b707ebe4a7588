public import DalleModels

extension Image {
    /// A decoder's raw pixels, clamped to their range.
    ///
    /// Rounded down to bytes, as upstream's programs do, so that the same codes give the same file.
    public init(_ raw: FeatureMap, range: VQGANConfiguration.PixelRange) {
        self.init(
            width: raw.width, height: raw.height,
            bytes: raw.pixels.values.map { UInt8(range.unit($0) * 255) })
    }
}

extension VQGANConfiguration.PixelRange {
    /// A raw value as a number from 0 to 1; what is infinite or no number stays none, so that nothing can be equal to it.
    public func unitOrNaN(_ raw: Float) -> Float { raw.isFinite ? unit(raw) : .nan }

    /// A raw value as a number from 0 to 1; what is not a number becomes 0.
    public func unit(_ raw: Float) -> Float {
        let value = self == .signed ? (raw + 1) / 2 : raw
        return value > 0 ? min(value, 1) : 0
    }
}
