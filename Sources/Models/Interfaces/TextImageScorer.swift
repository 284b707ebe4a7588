public import DalleFormat

/// Judges how well images fit a text.
public protocol TextImageScorer: Sendable {
    /// A number for each image: the higher, the better it fits.
    ///
    /// - Throws: `badData` naming the tensor when a score is infinite or no number.
    func scores(_ images: [Image], _ prompt: String) throws(DalleError) -> [Float]
}
