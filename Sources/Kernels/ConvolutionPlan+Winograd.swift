internal import CKernels

// Winograd's algorithm F(4 x 4, 3 x 3) (arXiv 1509.09308): a tile of 4 x 4 outputs takes 36 products for each pair of an
// input and an output channel, where direct convolution takes 144.
extension ConvolutionPlan {
    /// Whether Winograd's algorithm is faster, counted in products: transforming an input number costs about as much as 24 of
    /// them, and a weight, which goes to memory and back, as much as 64.
    static func winogradPays(_ geometry: Geometry, _ height: Int, _ width: Int) -> Bool {
        let panels = parts(geometry.outputs, Int(CK_PANEL))
        // A panel of few outputs has another layout.
        guard geometry.kernel == 3, geometry.stride == 1,
            geometry.outputs > (panels - 1) * Int(CK_PANEL) + Int(CK_NARROW)
        else { return false }
        let (inputs, outputs) = (Double(parts(geometry.inputs, 16) * 16), Double(panels * Int(CK_PANEL)))
        let tiles = Double(parts(height, Int(CK_WINOGRAD_OUTPUT)) * parts(width, Int(CK_WINOGRAD_OUTPUT)))
        let products = (tiles + 64) * inputs * outputs + tiles * 24 * (inputs + outputs)
        return Double(CK_WINOGRAD_POINTS) * products < 9 * Double(height * width) * inputs * outputs
    }

    /// Floats that a Winograd task needs for itself: the transformed input, where also a panel is packed, and the sums.
    var winogradCount: Int { isWinograd ? winogradInputCount + Int(CK_WINOGRAD_POINTS * CK_WINOGRAD_SUMS_STRIDE) : 0 }
    var winogradInputCount: Int { Int(CK_WINOGRAD_POINTS) * ck_winograd_stride(blockCount) }

    /// The Winograd tiles of a task, whose input begins at `source`.
    func winogradTiles(
        _ source: UnsafePointer<UInt8>, _ rows: Range<Int>, _ columns: Range<Int>
    ) -> ck_winograd_tiles {
        ck_winograd_tiles(
            input: source, row_stride: rowStride, block_stride: blockStride, blocks: blockCount,
            rows: Self.parts(rows.count, side), columns: Self.parts(columns.count, side))
    }
}
