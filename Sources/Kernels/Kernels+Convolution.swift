internal import CKernels

extension Kernels {
    /// Writes a part of a convolution's input to the workspace: `plan.preparationCount` of them make it whole.
    public func prepare(
        _ plan: ConvolutionPlan, part: Int, _ x: Pixels, _ input: ConvolutionInput, _ workspace: ConvolutionWorkspace
    ) {
        precondition((0..<plan.preparationCount).contains(part))
        precondition(x.height == plan.height && x.width == plan.width && x.channels == plan.geometry.inputs)
        workspace.require(plan)
        let (row, columns) = plan.segment(part)
        let geometry = plan.geometry
        let target = workspace.prepared + row * plan.rowStride
        guard let source = plan.source(row) else {
            clear(plan, target, cleared(plan, columns), input)
            return
        }
        if columns.lowerBound == 0 { clear(plan, target, 0..<geometry.paddingBefore, input) }
        if columns.upperBound == plan.pooledWidth {
            clear(plan, target, plan.lastZeros..<plan.paddedWidth, input)
        }
        input.withPreparation(plan) { preparation in
            for phase in 0..<min(geometry.stride, columns.count) {
                let first = columns.lowerBound + phase
                let count = (columns.count - phase + geometry.stride - 1) / geometry.stride
                let pixels = x.base + (source * x.width + first * geometry.averagePooling) * x.channels
                let stride = geometry.stride * geometry.averagePooling * x.channels
                let place = plan.place(first * geometry.upsampling + geometry.paddingBefore)
                let blocks = target + place * Int(CK_PIXEL_BLOCK)
                if plan.numbers == .floats {
                    table.pointee.pack_input_f32(preparation, count, pixels, stride, blocks)
                } else {
                    table.pointee.pack_input_i8(
                        preparation, count, pixels, stride, blocks, plan.scales(target) + place)
                }
            }
        }
    }

    /// The columns that are cleared along with those of the input in a row of zeros.
    private func cleared(_ plan: ConvolutionPlan, _ columns: Range<Int>) -> Range<Int> {
        let geometry = plan.geometry
        let first = columns.lowerBound == 0 ? 0 : columns.lowerBound * geometry.upsampling + geometry.paddingBefore
        let last = columns.upperBound * geometry.upsampling + geometry.paddingBefore
        return first..<(columns.upperBound == plan.pooledWidth ? plan.paddedWidth : last)
    }

    /// Writes zeros. A byte can only go up from the minimum: the largest byte with a scale of −minimum / 255 is 0.
    private func clear(
        _ plan: ConvolutionPlan, _ row: UnsafeMutablePointer<UInt8>, _ columns: Range<Int>, _ input: ConvolutionInput
    ) {
        for block in 0..<plan.blockCount {
            for column in columns {
                (row + block * plan.blockStride + plan.place(column) * Int(CK_PIXEL_BLOCK)).update(
                    repeating: plan.numbers == .bytes ? .max : 0, count: Int(CK_PIXEL_BLOCK))
            }
        }
        guard plan.numbers == .bytes else { return }
        for column in columns { plan.scales(row)[plan.place(column)] = 0 - input.minimum / 255 }
    }

    /// Writes some outputs' weights to the workspace as the convolution takes them, of `plan.packingCount` parts one.
    public func pack(_ plan: ConvolutionPlan, part: Int, _ weights: WeightRows, _ workspace: ConvolutionWorkspace) {
        precondition((0..<plan.packingCount).contains(part))
        precondition(weights.rows == plan.geometry.outputs && weights.columns == plan.taps * plan.geometry.inputs)
        precondition((weights.coding == .int8) == (plan.numbers == .bytes) && weights.coding != .int4)
        workspace.require(plan)
        let panel = workspace.panel(part, of: plan)
        guard plan.isWinograd else { return pack(plan, part, weights, into: panel, workspace) }
        workspace.withWinogradMemory { packed in
            pack(plan, part, weights, into: packed, workspace)
            table.pointee.winograd_transform_weights(plan.blockCount, packed, panel)
        }
    }

    private func pack(
        _ plan: ConvolutionPlan, _ part: Int, _ weights: WeightRows, into panel: UnsafeMutablePointer<Float>,
        _ workspace: ConvolutionWorkspace
    ) {
        let first = part * Int(CK_PANEL)
        let count = min(weights.rows - first, Int(CK_PANEL))
        let rows = weights.values + first * weights.stride
        let (taps, inputs) = (plan.taps, plan.geometry.inputs)
        switch weights.coding {
        case .float32:
            table.pointee.pack_weights_f32(
                count, taps, inputs, rows.assumingMemoryBound(to: Float.self), weights.stride / 4, panel)
        case .float16:
            table.pointee.pack_weights_f16(
                count, taps, inputs, rows.assumingMemoryBound(to: UInt16.self), weights.stride / 2, panel)
        case .bfloat16:
            table.pointee.pack_weights_bf16(
                count, taps, inputs, rows.assumingMemoryBound(to: UInt16.self), weights.stride / 2, panel)
        case .int8, .int4:
            table.pointee.pack_weights_i8(
                count, taps, inputs, rows.assumingMemoryBound(to: Int8.self), weights.stride,
                UnsafeMutableRawPointer(panel).assumingMemoryBound(to: Int32.self), workspace.weightSums + first * taps)
        }
    }

    /// What is applied to a convolution's sums: output scales, bias, residual, ReLU.
    public struct Epilogue: Sendable {
        /// The scale of each output's sums; required in int8.
        public var scales: [Float]?
        /// Whether float products may be fused into the sums unrounded, which is faster but differs between machines.
        public var isFused: Bool
        /// Added to the output; may be the output's own memory.
        public var residual: Pixels?
        /// Whether ReLU follows.
        public var relu: Bool

        public init(
            scales: [Float]? = nil, isFused: Bool, residual: Pixels? = nil, relu: Bool = false
        ) {
            self.scales = scales
            self.isFused = isFused
            self.residual = residual
            self.relu = relu
        }
    }

    private static func withPointers(
        _ scales: [Float]?, _ bias: Span<Float>?, _ body: (UnsafePointer<Float>?, UnsafePointer<Float>?) -> Void
    ) {
        withPointer(bias) { bias in
            guard let scales else { return body(nil, bias) }
            scales.withUnsafeBufferPointer { body($0.baseAddress, bias) }
        }
    }

    /// Does one of `plan.taskCount` parts of a convolution whose input and weights are in the workspace.
    ///
    /// - Parameter bias: One for each output.
    public func convolve(
        _ plan: ConvolutionPlan, task: Int, _ input: ConvolutionInput, bias: Span<Float>?, _ output: Epilogue,
        into y: Pixels, _ workspace: ConvolutionWorkspace
    ) {
        let outputs = plan.geometry.outputs
        precondition((0..<plan.taskCount).contains(task) && bias?.count ?? outputs == outputs)
        precondition(y.height == plan.outputHeight && y.width == plan.outputWidth && y.channels == outputs)
        if let residual = output.residual {
            precondition(residual.count == y.count && residual.channels == outputs)
        }
        precondition(output.scales?.count ?? (plan.numbers == .floats ? outputs : 0) == outputs)
        workspace.require(plan)
        let (tile, panels) = plan.task(task)
        let (rows, columns) = plan.tile(tile)
        let place = (rows.lowerBound * y.width + columns.lowerBound) * outputs
        let start = workspace.prepared + rows.lowerBound * plan.geometry.stride * plan.rowStride
        let source = start + columns.lowerBound * Int(CK_PIXEL_BLOCK)
        let fused: Int32 = output.isFused ? 1 : 0
        func run(_ body: (inout ck_convolution) -> Void) {
            plan.withOffsets { offsets, scaleOffsets in
                Self.withPointers(output.scales, bias) { outputScales, bias in
                    for panel in panels {
                        let first = panel * Int(CK_PANEL)
                        var part = ck_convolution(
                            input: source, row_stride: plan.geometry.stride * plan.rowStride, offsets: offsets,
                            steps: plan.offsets.count, taps: plan.taps, rows: rows.count, pixels: columns.count,
                            panel: workspace.panel(panel, of: plan), outputs: min(outputs - first, Int(CK_PANEL)),
                            output_scales: outputScales.map { $0 + first }, bias: bias.map { $0 + first },
                            scales: plan.scales(start) + columns.lowerBound, scale_offsets: scaleOffsets,
                            weight_sums: workspace.weightSums + first * plan.taps, zero: input.zero,
                            minimum: input.minimum, residual: output.residual.map { $0.base + place + first },
                            relu: output.relu ? 1 : 0, y: y.base + place + first,
                            y_stride: outputs, y_row_stride: y.width * outputs,
                            statistics: workspace.statistics + tile * 2 * outputs + first, statistics_stride: outputs)
                        body(&part)
                    }
                }
            }
        }
        switch plan.numbers {
        case .bytes: run { table.pointee.convolve_i8(&$0) }
        case .floats where plan.isWinograd:
            workspace.withWinogradMemory { numbers in
                var tiles = plan.winogradTiles(source, rows, columns)
                table.pointee.winograd_transform_input(&tiles, fused, numbers)
                run { part in
                    part.input = UnsafeRawPointer(numbers).assumingMemoryBound(to: UInt8.self)
                    table.pointee.winograd_convolve(&part, fused, numbers + plan.winogradInputCount)
                }
            }
        case .floats: run { table.pointee.convolve_f32(&$0, fused) }
        }
    }
}

extension ConvolutionPlan {
    /// A prepared row's scales.
    fileprivate func scales(_ row: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer(row + scalesStart).assumingMemoryBound(to: Float.self)
    }

    fileprivate func withOffsets(_ body: (UnsafePointer<Int>, UnsafePointer<Int>) -> Void) {
        offsets.withUnsafeBufferPointer { offsets in
            scaleOffsets.withUnsafeBufferPointer { scaleOffsets in
                guard let offsets = offsets.baseAddress, let scaleOffsets = scaleOffsets.baseAddress else { return }
                body(offsets, scaleOffsets)
            }
        }
    }
}
