public import DalleFormat

/// Tokens of an image, `[height, width]`, row by row from the top.
public struct TokenGrid: Sendable, Equatable {
    public let height: Int
    public let width: Int
    public let tokens: [Int]

    /// - Throws: `usage` when the grid is empty or not full.
    public init(height: Int, width: Int, tokens: [Int]) throws(DalleError) {
        let (count, overflows) = height.multipliedReportingOverflow(by: width)
        guard height > 0, width > 0, !overflows, tokens.count == count else {
            throw DalleError(.usage, "\(tokens.count) codes for a grid of \(height) × \(width)")
        }
        self.height = height
        self.width = width
        self.tokens = tokens
    }
}

/// Pixels to grids of tokens and back: the part of a model that sees and paints.
///
/// How pixels are scaled on the way in and out is the codec's own affair.
public protocol ImageCodec: Sendable {
    /// Tokens there are vectors for: ids from 0 up to this.
    var codebookSize: Int { get }
    /// Pixels for each token along an axis.
    var downsampling: Int { get }
    /// Whether the file has the half that encodes.
    var canEncode: Bool { get }

    /// Decoded pixels, `[height, width, 3]`, from 0, black, to 1, white; what is not finite is NaN.
    ///
    /// - Throws: `usage` when a token is not in the codebook.
    func pixels(_ grid: TokenGrid) throws(DalleError) -> FeatureMap

    /// The picture of a grid.
    ///
    /// - Throws: also `badData` naming the tensor or the layer when pixels are infinite or no numbers.
    func decode(_ grid: TokenGrid) throws(DalleError) -> Image

    /// The tokens of a picture whose edges are multiples of `downsampling`.
    ///
    /// - Throws: `missingInput` when only the decoding half is there; `usage` for other edges; `badData` when the vectors on the
    ///   way are infinite or no numbers.
    func encode(_ image: Image) throws(DalleError) -> TokenGrid
}
