internal import CKernels

/// Functions that kernels apply to each number.
public enum KernelActivation: Sendable {
    case gelu, geluTanh, relu, silu, quickGELU, smelu

    var code: ck_activation {
        switch self {
        case .gelu: CK_GELU
        case .geluTanh: CK_GELU_TANH
        case .relu: CK_RELU
        case .silu: CK_SILU
        case .quickGELU: CK_QUICK_GELU
        case .smelu: CK_SMELU
        }
    }
}

extension Kernels {
    /// Makes the bytes of a row from its floats: the largest magnitude becomes 127. Of a fine row, also those of what
    /// that leaves.
    public func quantize(_ x: ActivationRows, row: Int) {
        precondition((0..<x.rows).contains(row))
        makeBytes(x, row: row)
        guard x.usesInt16Activations else { return }
        let (floats, bytes, scale) = (x.floats + row * x.stride, x.bytes + row * x.byteStride, x.scales[row])
        let rest = x.floats + (x.rows + row) * x.stride
        for i in 0..<x.columns { rest[i] = floats[i] - Float(bytes[i]) * scale }
        makeBytes(x, row: x.rows + row)
    }

    private func makeBytes(_ x: ActivationRows, row: Int) {
        table.pointee.quantize_activations(
            x.columns, x.floats + row * x.stride, x.byteStride, x.bytes + row * x.byteStride, x.scales + row,
            x.sums + row)
    }

    /// Layer norm, or RMS norm when not `centered`, of a row of `x` into a row of `y`, which may be the same.
    public func norm(
        _ x: ActivationRows, row: Int, centered: Bool, epsilon: Float, scale: Span<Float>?, bias: Span<Float>?,
        into y: ActivationRows, row target: Int
    ) {
        let (input, output) = (x.row(row), y.row(target))
        precondition(y.columns == x.columns && scale?.count ?? x.columns == x.columns)
        precondition(bias?.count ?? x.columns == x.columns)
        guard let input = input.baseAddress, let output = output.baseAddress else { return }
        Self.withPointer(scale) { scale in
            Self.withPointer(bias) { bias in
                table.pointee.normalize(x.columns, input, centered ? 1 : 0, epsilon, scale, bias, output)
            }
        }
    }

    /// x · factor + y, into `x`.
    public func add(_ x: ActivationRows, row: Int, factor: Float, _ y: ActivationRows, row other: Int) {
        let (target, source) = (x.row(row), y.row(other))
        precondition(target.count == source.count)
        guard let target = target.baseAddress, let source = source.baseAddress else { return }
        table.pointee.add(x.columns, target, factor, source)
    }

    /// Adds numbers to some columns of a row.
    public func add(_ x: ActivationRows, row: Int, at column: Int, _ numbers: Span<Float>) {
        precondition(column >= 0 && column + numbers.count <= x.columns)
        guard let base = x.row(row).baseAddress else { return }
        numbers.withUnsafeBufferPointer {
            if let numbers = $0.baseAddress { table.pointee.add($0.count, base + column, 1, numbers) }
        }
    }

    /// activation(x), times the numbers of `gate` in the same place if given, for some columns of a row, into `x`.
    public func activate(
        _ x: ActivationRows, row: Int, columns: Range<Int>, _ activation: KernelActivation, times gate: ActivationRows?
    ) {
        precondition(columns.lowerBound >= 0 && columns.upperBound <= min(x.columns, gate?.columns ?? x.columns))
        guard let base = x.row(row).baseAddress, !columns.isEmpty else { return }
        let factors = gate?.row(row).baseAddress.map { UnsafePointer($0 + columns.lowerBound) }
        table.pointee.activate(columns.count, activation.code, base + columns.lowerBound, factors)
    }

    /// Gives some columns of a row the length 1: x / (‖x‖ + 1e-8).
    public func normalize(_ x: ActivationRows, row: Int, columns: Range<Int>) {
        precondition(columns.lowerBound >= 0 && columns.upperBound <= x.columns)
        guard let base = x.row(row).baseAddress, !columns.isEmpty else { return }
        table.pointee.l2_normalize(columns.count, base + columns.lowerBound)
    }

    static func withPointer(_ span: Span<Float>?, _ body: (UnsafePointer<Float>?) -> Void) {
        guard let span else { return body(nil) }
        span.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
