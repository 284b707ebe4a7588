internal import CKernels

extension Kernels {
    /// y[b, column + r] = Σ w[r, i] x[b, i] for some rows r of the weights and the first `count` rows b of the inputs.
    ///
    /// Int8 and int4 weights take the inputs' bytes, which `quantize` makes. Of fine inputs all rows are multiplied,
    /// into as many fine rows.
    public func multiply(
        _ weights: WeightRows, _ range: Range<Int>, _ x: ActivationRows, count: Int, into y: ActivationRows,
        at column: Int = 0
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= weights.rows && weights.columns == x.columns)
        precondition(count > 0 && count <= min(x.rows, y.rows) && column >= 0 && column + range.count <= y.columns)
        guard !range.isEmpty else { return }
        if x.usesInt16Activations && weights.usesInt8Activations {
            precondition(count == x.rows && y.usesInt16Activations && y.rows == x.rows)
            product(weights, range, x, count: 2 * count, into: y, at: column)
            for row in 0..<count {
                let sums = y.floats + row * y.stride + column
                table.pointee.add(range.count, sums, 1, sums + count * y.stride)
            }
        } else {
            product(weights, range, x, count: count, into: y, at: column)
        }
    }

    private func product(
        _ weights: WeightRows, _ range: Range<Int>, _ x: ActivationRows, count: Int, into y: ActivationRows,
        at column: Int
    ) {
        let output = ck_output(values: y.floats + column, stride: y.stride)
        let values = weights.values + range.lowerBound * weights.stride
        let k = weights.columns
        switch weights.coding {
        case .float32:
            table.pointee.gemm_f32(
                range.count, count, k, values.assumingMemoryBound(to: Float.self), weights.stride / 4, x.floats,
                x.stride, output)
        case .float16:
            table.pointee.gemm_f16(
                range.count, count, k, values.assumingMemoryBound(to: UInt16.self), weights.stride / 2, x.floats,
                x.stride, output)
        case .bfloat16:
            table.pointee.gemm_bf16(
                range.count, count, k, values.assumingMemoryBound(to: UInt16.self), weights.stride / 2, x.floats,
                x.stride, output)
        case .int8:
            guard let scales = weights.scales?.assumingMemoryBound(to: Float.self) else { return }
            table.pointee.gemm_i8(
                range.count, count, weights.paddedColumns, values.assumingMemoryBound(to: Int8.self), weights.stride,
                scales + range.lowerBound, x.byteInputs, output)
        case .int4:
            guard let scales = weights.scales?.assumingMemoryBound(to: Float.self) else { return }
            table.pointee.gemm_i4(
                range.count, count, weights.paddedColumns, values.assumingMemoryBound(to: UInt8.self), weights.stride,
                scales + range.lowerBound, x.byteInputs, output)
        }
    }
}
