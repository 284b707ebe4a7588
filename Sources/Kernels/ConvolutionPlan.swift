internal import CKernels

/// The memory layout of a convolution's input and the division of its work, the same for every number of threads.
///
/// The input is packed row by row with zero padding: in a row one block of channels after the other, in a block the pixels
/// side by side, with a stride of two those of even and odd columns apart. So a tap of the kernel is an offset, the same for
/// all pixels of a row. An int8 row ends with its pixels' scales.
///
/// Where Winograd's algorithm is faster, a task first transforms tiles of the input, which are then the input of its
/// products.
public struct ConvolutionPlan: Sendable {
    /// The type of the numbers that are multiplied.
    public enum Numbers: Sendable { case floats, bytes }

    /// The shape of a convolution with a square kernel.
    public struct Geometry: Sendable {
        public var inputs: Int
        public var outputs: Int
        public var kernel = 1
        /// 1 or 2.
        public var stride = 1
        /// Zero padding at the top and left, and at the bottom and right.
        public var paddingBefore = 0
        public var paddingAfter = 0
        /// 2 for nearest-neighbour upsampling of the input first, else 1.
        public var upsampling = 1
        /// 2 for average pooling of 2 x 2 input pixels first, else 1.
        public var averagePooling = 1

        public init(inputs: Int, outputs: Int) {
            self.inputs = inputs
            self.outputs = outputs
        }
    }

    public let numbers: Numbers
    public let geometry: Geometry
    /// Of the input, before upsampling or pooling.
    public let height: Int
    public let width: Int
    // Of the input after pooling.
    private let pooledHeight: Int
    let pooledWidth: Int
    public let outputHeight: Int
    public let outputWidth: Int

    /// Whether it is convolved by Winograd's algorithm.
    let isWinograd: Bool
    let paddedHeight: Int
    let paddedWidth: Int
    let blockCount: Int
    /// Outputs along a side of the unit that work is divided in: Winograd tiles or pixels.
    let side: Int
    private let columnsOfPhase: Int
    /// Bytes of a block of channels in a row.
    let blockStride: Int
    let rowStride: Int
    /// In bytes: for each block of channels and in it each tap, or in int8 the other way round; for Winograd for each block of
    /// the transformed input.
    let offsets: [Int]
    /// From a row's start to its scales, and from there to those of each tap; in bytes.
    let scalesStart: Int
    let scaleOffsets: [Int]
    private let tilesAcross: Int
    private let tilesDown: Int
    private let panelsOfTask: Int

    private static let tileWidth = 32
    /// In Winograd tiles.
    private static let winogradTilesAcross = 16
    /// Of kernels of one pixel, whose tiles have one row.
    private static let longTileWidth = 128
    /// Input pixels that are prepared at a time.
    private static let segmentWidth = 256
    /// Tasks for which tiles are cut by outputs too, so that many threads find work.
    private static let wantedTasks = 64
    /// Panels of outputs per task that pay for transforming its input.
    private static let minimumWinogradPanels = 4

    public init(_ numbers: Numbers, _ geometry: Geometry, height: Int, width: Int) {
        let kernel = geometry.kernel
        precondition(geometry.inputs > 0 && geometry.outputs > 0 && kernel > 0 && height > 0 && width > 0)
        precondition((1...2).contains(geometry.stride) && (1...2).contains(geometry.upsampling))
        precondition(geometry.paddingBefore >= 0 && geometry.paddingAfter >= 0)
        // With a stride of 2, copies of a pixel would have to go to different places.
        precondition(geometry.stride == 1 || geometry.upsampling == 1)
        precondition((1...2).contains(geometry.averagePooling) && min(height, width) >= geometry.averagePooling)
        self.numbers = numbers
        self.geometry = geometry
        self.height = height
        self.width = width
        pooledHeight = height / geometry.averagePooling
        pooledWidth = width / geometry.averagePooling
        let zeros = geometry.paddingBefore + geometry.paddingAfter
        let (rows, columns) = (
            pooledHeight * geometry.upsampling + zeros, pooledWidth * geometry.upsampling + zeros
        )
        precondition(rows >= kernel && columns >= kernel, "an image smaller than the kernel")
        outputHeight = (rows - kernel) / geometry.stride + 1
        outputWidth = (columns - kernel) / geometry.stride + 1
        isWinograd = numbers == .floats && Self.winogradPays(geometry, outputHeight, outputWidth)
        side = isWinograd ? Int(CK_WINOGRAD_OUTPUT) : 1
        let (gridHeight, gridWidth) = (Self.parts(outputHeight, side), Self.parts(outputWidth, side))
        // Winograd tiles at the edge may need more padding.
        paddedHeight = isWinograd ? gridHeight * side + kernel - 1 : rows
        paddedWidth = isWinograd ? gridWidth * side + kernel - 1 : columns
        columnsOfPhase = Self.parts(paddedWidth, geometry.stride)
        let channelsOfBlock = numbers == .floats ? 16 : 64
        let blocks = Self.parts(geometry.inputs, channelsOfBlock)
        blockCount = blocks
        let (step, blockStride) = (geometry.stride, geometry.stride * columnsOfPhase * Int(CK_PIXEL_BLOCK))
        scalesStart = blocks * blockStride
        let scaleCount = numbers == .floats ? 0 : step * columnsOfPhase
        let rowStride = scalesStart + ActivationRows.padded(4 * scaleCount, to: Int(CK_PIXEL_BLOCK))
        self.blockStride = blockStride
        self.rowStride = rowStride
        let places = (0..<kernel * kernel).map { [columnsOfPhase] tap in
            let (y, x) = tap.quotientAndRemainder(dividingBy: kernel)
            return (row: y * rowStride, column: x % step * columnsOfPhase + x / step)
        }
        scaleOffsets = places.map { $0.row + 4 * $0.column }
        let taps = places.map { $0.row + Int(CK_PIXEL_BLOCK) * $0.column }
        let starts = (0..<blocks).map { $0 * blockStride }
        switch numbers {
        case .floats where isWinograd: offsets = (0..<blocks).map { $0 * Int(CK_WINOGRAD_TILES * CK_PIXEL_BLOCK) }
        case .floats: offsets = starts.flatMap { start in taps.map { start + $0 } }
        case .bytes: offsets = taps.flatMap { tap in starts.map { tap + $0 } }
        }
        let tileWidth = isWinograd ? Self.winogradTilesAcross : outputHeight == 1 ? Self.longTileWidth : Self.tileWidth
        tilesAcross = Self.parts(gridWidth, tileWidth)
        let maximum = Int(isWinograd ? CK_WINOGRAD_TILES : CK_TILE_PIXELS)
        tilesDown = Self.parts(gridHeight, maximum / Self.parts(gridWidth, tilesAcross))
        let panels = Self.parts(geometry.outputs, Int(CK_PANEL))
        panelsOfTask = max(
            panels * tilesAcross * tilesDown / Self.wantedTasks, isWinograd ? Self.minimumWinogradPanels : 1)
    }

    /// How many parts of at most `size` something makes.
    static func parts(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }

    // What a workspace needs.

    var taps: Int { geometry.kernel * geometry.kernel }
    var preparedByteCount: Int { paddedHeight * rowStride }
    var panelByteCount: Int { blockCount * (isWinograd ? Int(CK_WINOGRAD_POINTS) : taps) * 16 * Int(CK_PANEL) * 4 }
    /// Input and panels.
    var byteCount: Int { preparedByteCount + panelCount * panelByteCount }
    var panelCount: Int { Self.parts(geometry.outputs, Int(CK_PANEL)) }
    var tileCount: Int { tilesAcross * tilesDown }
    var statisticsCount: Int { tileCount * 2 * geometry.outputs }
    /// Sums of weights, for each panel and tap.
    var weightSumCount: Int { panelCount * taps * Int(CK_PANEL) }

    // How the work is cut.

    /// Parts of the preparation of the input.
    public var preparationCount: Int { paddedHeight * segmentsOfRow }
    /// Parts of the packing of the weights.
    public var packingCount: Int { panelCount }
    /// Parts of the convolution itself.
    public var taskCount: Int { tileCount * Self.parts(panelCount, panelsOfTask) }

    /// Whether each part of the weights is used by one task alone, which packs it best.
    public var packsWithTasks: Bool { tileCount == 1 }
    /// The parts of the weights that a task uses.
    public func parts(ofTask number: Int) -> Range<Int> { task(number).panels }

    private var segmentsOfRow: Int { Self.parts(pooledWidth, Self.segmentWidth) }

    /// A part of the preparation: its row with the zeros above counted, and columns of the reduced input.
    func segment(_ part: Int) -> (row: Int, columns: Range<Int>) {
        let (row, segment) = part.quotientAndRemainder(dividingBy: segmentsOfRow)
        return (row, segment * Self.segmentWidth..<min((segment + 1) * Self.segmentWidth, pooledWidth))
    }

    /// The row of the input that a prepared row comes from, or the first of two; nil for zeros.
    func source(_ row: Int) -> Int? {
        let place = row - geometry.paddingBefore
        guard place >= 0, place < pooledHeight * geometry.upsampling else { return nil }
        return place / geometry.upsampling * geometry.averagePooling
    }

    /// Numbers from a pixel of the input to the one below it that its mean counts; 0 if there is none.
    var rowBelow: Int { geometry.averagePooling == 2 ? width * geometry.inputs : 0 }

    /// Which pixel of a block, and which scale, a column of a prepared row is, zeros at the left counted.
    func place(_ column: Int) -> Int {
        let (place, phase) = column.quotientAndRemainder(dividingBy: geometry.stride)
        return phase * columnsOfPhase + place
    }

    /// Where the zeros after the last pixel of a prepared row begin.
    var lastZeros: Int { geometry.paddingBefore + pooledWidth * geometry.upsampling }

    /// A task: its tile and panels of outputs.
    func task(_ number: Int) -> (tile: Int, panels: Range<Int>) {
        let (tile, part) = number.quotientAndRemainder(dividingBy: Self.parts(panelCount, panelsOfTask))
        return (tile, part * panelsOfTask..<min((part + 1) * panelsOfTask, panelCount))
    }

    /// The rows and columns of a tile, all of nearly the same size.
    func tile(_ number: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        let (down, across) = number.quotientAndRemainder(dividingBy: tilesAcross)
        return (part(down, of: tilesDown, outputHeight), part(across, of: tilesAcross, outputWidth))
    }

    /// One of `count` parts of outputs, divided at multiples of `side`.
    private func part(_ number: Int, of count: Int, _ outputs: Int) -> Range<Int> {
        let units = Self.parts(outputs, side)
        return units * number / count * side..<min(units * (number + 1) / count * side, outputs)
    }
}
