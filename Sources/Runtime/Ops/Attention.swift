import DalleFormat
import DalleKernels
import DalleModels
import Foundation

/// Multi-head attention of one sequence's queries over its keys, between the projections.
///
/// Heads are contiguous slices of the width.
struct Attention: Sendable {
    let heads: Int
    let headWidth: Int
    /// Queries and keys are normalised, and their products divided by this instead of √headWidth.
    let cosineTau: Float?
    /// Passes of alternating row and column normalisation; 1 is softmax.
    let sinkhornIterations: Int
    /// `[heads, queries, keys]`, added to the scores.
    let positionBias: FloatTensor?
    /// `[heads]`, multiplies each head's result.
    let headScale: FloatTensor?
    /// A position attends to none after it.
    let isCausal: Bool

    init(
        heads: Int, headWidth: Int, cosineTau: Float? = nil, sinkhornIterations: Int = 1,
        positionBias: FloatTensor? = nil, headScale: FloatTensor? = nil, isCausal: Bool = false
    ) {
        self.heads = heads
        self.headWidth = headWidth
        self.cosineTau = cosineTau
        self.sinkhornIterations = sinkhornIterations
        self.positionBias = positionBias
        self.headScale = headScale
        self.isCausal = isCausal
    }

    private var width: Int { heads * headWidth }

    /// Prepares queries or keys: with cosine attention every head's part gets length 1.
    ///
    /// Upstream: x / (‖x‖ + 1e-8).
    func normalize(_ x: inout Matrix) {
        guard cosineTau != nil else { return }
        for start in stride(from: 0, to: x.values.count, by: headWidth) {
            let part = start..<start + headWidth
            let norm = x.values[part].reduce(Float(0)) { $0 + $1 * $1 }.squareRoot() + 1e-8
            for i in part { x.values[i] /= norm }
        }
    }

    /// Attends from `queries.rows` positions, the first of which is `firstPosition`, over the first `visible` keys.
    ///
    /// - Parameters:
    ///   - keys: At least `visible` rows of the full width.
    ///   - values: Likewise.
    /// - Returns: The heads' results side by side, a row for each query.
    func callAsFunction(
        _ queries: Matrix, firstPosition: Int, keys: Span<Float>, values: Span<Float>, visible: Int,
        _ context: ComputeContext
    ) -> Matrix {
        var result = Matrix(rows: queries.rows, columns: width)
        var scores = Matrix(rows: queries.rows, columns: visible)
        for head in 0..<heads {
            let start = head * headWidth
            var scoreSpan = scores.values.mutableSpan
            context.reference.multiply(
                queries.values.span.extracting(droppingFirst: start), stride: width,
                transposed: keys.extracting(droppingFirst: start), stride: width,
                into: &scoreSpan, stride: visible, m: queries.rows, n: visible, k: headWidth)
            scale(&scores)
            addPositionBias(&scores, head: head, firstPosition: firstPosition)
            if isCausal { hideLaterKeys(&scores, firstPosition: firstPosition) }
            if sinkhornIterations == 1 { softmax(&scores) } else { sinkhorn(&scores) }
            var resultSpan = result.values.mutableSpan
            context.reference.multiply(
                scores.values.span, stride: visible,
                by: values.extracting(droppingFirst: start), stride: width,
                into: &resultSpan, at: start, stride: width, m: queries.rows, n: headWidth, k: visible)
        }
        if let headScale = headScale?.elements {
            for i in result.values.indices { result.values[i] *= headScale[i % width / headWidth] }
        }
        return result
    }

    private func scale(_ scores: inout Matrix) {
        let divisor = cosineTau ?? Float(headWidth).squareRoot()
        for i in scores.values.indices { scores.values[i] /= divisor }
    }

    private func addPositionBias(_ scores: inout Matrix, head: Int, firstPosition: Int) {
        guard let positionBias else { return }
        let (queries, keys) = (positionBias.shape[1], positionBias.shape[2])
        let bias = positionBias.elements
        for row in 0..<scores.rows {
            let start = (head * queries + firstPosition + row) * keys
            for key in 0..<scores.columns { scores.values[row * scores.columns + key] += bias[start + key] }
        }
    }

    private func hideLaterKeys(_ scores: inout Matrix, firstPosition: Int) {
        for row in 0..<scores.rows {
            for key in min(firstPosition + row + 1, scores.columns)..<scores.columns {
                scores.values[row * scores.columns + key] = -.infinity
            }
        }
    }

    private func softmax(_ scores: inout Matrix) {
        for row in 0..<scores.rows {
            let range = row * scores.columns..<(row + 1) * scores.columns
            let largest = scores.values[range].max() ?? 0
            var sum: Float = 0
            for i in range {
                scores.values[i] = exp(scores.values[i] - largest)
                sum += scores.values[i]
            }
            for i in range { scores.values[i] /= sum }
        }
    }

    /// Sinkhorn attention (arXiv 2110.11773), in logarithms: the scores are normalised over keys, then over queries,
    /// and so on. All queries take part, those of padding too.
    private func sinkhorn(_ scores: inout Matrix) {
        for iteration in 0..<sinkhornIterations {
            if iteration % 2 == 0 {
                for row in 0..<scores.rows {
                    subtractLogSumExp(&scores.values, start: row * scores.columns, step: 1, count: scores.columns)
                }
            } else {
                for column in 0..<scores.columns {
                    subtractLogSumExp(&scores.values, start: column, step: scores.columns, count: scores.rows)
                }
            }
        }
        for i in scores.values.indices { scores.values[i] = exp(scores.values[i]) }
    }

    private func subtractLogSumExp(_ values: inout [Float], start: Int, step: Int, count: Int) {
        let indices = stride(from: start, to: start + step * count, by: step)
        var largest = -Float.infinity
        for i in indices { largest = max(largest, values[i]) }
        var sum: Float = 0
        for i in indices { sum += exp(values[i] - largest) }
        let total = largest + log(sum)
        for i in indices { values[i] -= total }
    }
}

extension Span<Float> {
    /// All but the first elements.
    @_lifetime(copy self)
    func extracting(droppingFirst count: Int) -> Span<Float> { extracting(count..<self.count) }
}
