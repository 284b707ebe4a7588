internal import CKernels

// Winograd's algorithm F(4 x 4, 3 x 3) (arXiv 1509.09308): a square of 4 x 4 outputs takes 36 products for each pair of an
// input and an output channel, where their sums as such take 144.
extension ConvolutionPlan {
    /// Whether Winograd's algorithm is faster, counted in products: a square's number takes about as long as 24 of them to
    /// make, and a weight's, which goes to memory and back, as long as 64.
    static func squaresPay(_ geometry: Geometry, _ height: Int, _ width: Int) -> Bool {
        let panels = parts(geometry.outputs, Int(CK_PANEL))
        // A panel of few outputs is laid out otherwise.
        guard geometry.kernel == 3, geometry.step == 1, geometry.outputs > (panels - 1) * Int(CK_PANEL) + Int(CK_NARROW)
        else { return false }
        let (inputs, outputs) = (Double(parts(geometry.inputs, 16) * 16), Double(panels * Int(CK_PANEL)))
        let squares = Double(parts(height, Int(CK_SQUARE_SIDE)) * parts(width, Int(CK_SQUARE_SIDE)))
        let products = (squares + 64) * inputs * outputs + squares * 24 * (inputs + outputs)
        return Double(CK_SQUARE_NUMBERS) * products < 9 * Double(height * width) * inputs * outputs
    }

    /// What a task of squares needs for itself: their numbers, in whose place a panel is packed, and their sums.
    var squaresCount: Int { isWinograd ? squareNumbersCount + Int(CK_SQUARE_NUMBERS * CK_SUMS_STRIDE) : 0 }
    var squareNumbersCount: Int { Int(CK_SQUARE_NUMBERS) * ck_squares_stride(blockCount) }

    /// The squares of a tile, whose input begins at `source`.
    func squares(
        _ source: UnsafePointer<UInt8>, _ rows: Range<Int>, _ columns: Range<Int>
    ) -> ck_squares {
        ck_squares(
            input: source, row_stride: rowStride, block_stride: blockStride, blocks: blockCount,
            rows: Self.parts(rows.count, side), columns: Self.parts(columns.count, side))
    }
}
