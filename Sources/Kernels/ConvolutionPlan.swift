internal import CKernels

/// How a convolution's input lies in memory and how its work is cut, the same for every number of threads.
///
/// The input is written with zeros around it, row by row; in a row a block of channels after the other, in a block the
/// pixels side by side, those of even and odd columns apart when the kernel takes steps of two. So a tap of the kernel is
/// an offset, the same for all pixels of a row. A row of bytes ends with its pixels' scales.
///
/// Where Winograd's algorithm is faster, a task first transforms tiles of the input, which are then the input of its
/// products.
public struct ConvolutionPlan: Sendable {
    /// What is multiplied.
    public enum Numbers: Sendable { case floats, bytes }

    /// Sizes and movement of a convolution with a square kernel.
    public struct Geometry: Sendable {
        public var inputs: Int
        public var outputs: Int
        public var kernel = 1
        /// Pixels from one place of the kernel to the next, 1 or 2.
        public var step = 1
        /// Zeros before the first pixel and after the last.
        public var before = 0
        public var after = 0
        /// 2 to take each pixel for a square of four.
        public var enlargement = 1
        /// 2 to take the mean of each square of four for a pixel.
        public var reduction = 1

        public init(inputs: Int, outputs: Int) {
            self.inputs = inputs
            self.outputs = outputs
        }
    }

    public let numbers: Numbers
    public let geometry: Geometry
    /// Of the input, before it is enlarged or reduced.
    public let height: Int
    public let width: Int
    // Of the input, reduced.
    private let reducedHeight: Int
    let reducedWidth: Int
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
        precondition((1...2).contains(geometry.step) && (1...2).contains(geometry.enlargement))
        precondition(geometry.before >= 0 && geometry.after >= 0)
        // An even step apart, copies of a pixel would have to go to different places.
        precondition(geometry.step == 1 || geometry.enlargement == 1)
        precondition((1...2).contains(geometry.reduction) && min(height, width) >= geometry.reduction)
        self.numbers = numbers
        self.geometry = geometry
        self.height = height
        self.width = width
        reducedHeight = height / geometry.reduction
        reducedWidth = width / geometry.reduction
        let zeros = geometry.before + geometry.after
        let (rows, columns) = (
            reducedHeight * geometry.enlargement + zeros, reducedWidth * geometry.enlargement + zeros
        )
        precondition(rows >= kernel && columns >= kernel, "an image smaller than the kernel")
        outputHeight = (rows - kernel) / geometry.step + 1
        outputWidth = (columns - kernel) / geometry.step + 1
        isWinograd = numbers == .floats && Self.winogradPays(geometry, outputHeight, outputWidth)
        side = isWinograd ? Int(CK_WINOGRAD_OUTPUT) : 1
        let (gridHeight, gridWidth) = (Self.parts(outputHeight, side), Self.parts(outputWidth, side))
        // Winograd tiles at the edge may need more padding.
        paddedHeight = isWinograd ? gridHeight * side + kernel - 1 : rows
        paddedWidth = isWinograd ? gridWidth * side + kernel - 1 : columns
        columnsOfPhase = Self.parts(paddedWidth, geometry.step)
        let channelsOfBlock = numbers == .floats ? 16 : 64
        let blocks = Self.parts(geometry.inputs, channelsOfBlock)
        blockCount = blocks
        let (step, blockStride) = (geometry.step, geometry.step * columnsOfPhase * Int(CK_PIXEL_BLOCK))
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

    private var segmentsOfRow: Int { Self.parts(reducedWidth, Self.segmentWidth) }

    /// A part of the preparation: its row with the zeros above counted, and columns of the reduced input.
    func segment(_ part: Int) -> (row: Int, columns: Range<Int>) {
        let (row, segment) = part.quotientAndRemainder(dividingBy: segmentsOfRow)
        return (row, segment * Self.segmentWidth..<min((segment + 1) * Self.segmentWidth, reducedWidth))
    }

    /// The row of the input that a prepared row comes from, or the first of two; nil for zeros.
    func source(_ row: Int) -> Int? {
        let place = row - geometry.before
        guard place >= 0, place < reducedHeight * geometry.enlargement else { return nil }
        return place / geometry.enlargement * geometry.reduction
    }

    /// Numbers from a pixel of the input to the one below it that its mean counts; 0 if there is none.
    var rowBelow: Int { geometry.reduction == 2 ? width * geometry.inputs : 0 }

    /// Which pixel of a block, and which scale, a column of a prepared row is, zeros at the left counted.
    func place(_ column: Int) -> Int {
        let (place, phase) = column.quotientAndRemainder(dividingBy: geometry.step)
        return phase * columnsOfPhase + place
    }

    /// Where the zeros after the last pixel of a prepared row begin.
    var lastZeros: Int { geometry.before + reducedWidth * geometry.enlargement }

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
