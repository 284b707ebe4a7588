internal import CKernels
private import DalleThreads

/// Room for the input of a convolution as kernels take it, for its weights, and for what it leaves about its output.
public final class ConvolutionWorkspace: @unchecked Sendable {
    private let byteCount: Int
    private let weightSumCount: Int
    private let statisticsCount: Int
    private let squaresCount: Int
    /// A plan's prepared input, then its panels.
    let prepared: UnsafeMutablePointer<UInt8>
    let weightSums: UnsafeMutablePointer<Int32>
    let statistics: UnsafeMutablePointer<Float>
    /// What tasks of squares have needed for themselves and given back.
    private let squares = Monitor<[Squares]>([])

    /// Room for the largest of the given convolutions; they use it one after the other.
    public init(_ plans: some Collection<ConvolutionPlan>) {
        func largest(_ size: (ConvolutionPlan) -> Int) -> Int { max(plans.map(size).max() ?? 0, 64) }
        byteCount = largest(\.byteCount)
        weightSumCount = largest(\.weightSumCount)
        statisticsCount = largest(\.statisticsCount)
        squaresCount = largest(\.squaresCount)
        prepared = Self.allocate(byteCount)
        weightSums = Self.allocate(weightSumCount)
        statistics = Self.allocate(statisticsCount)
    }

    deinit {
        prepared.deallocate()
        weightSums.deallocate()
        statistics.deallocate()
        squares.withLock { for one in $0 { one.floats.deallocate() } }
    }

    func require(_ plan: ConvolutionPlan) {
        precondition(plan.byteCount <= byteCount && plan.statisticsCount <= statisticsCount)
        precondition(plan.weightSumCount <= weightSumCount && plan.squaresCount <= squaresCount)
    }

    func panel(_ index: Int, of plan: ConvolutionPlan) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer(prepared + plan.preparedByteCount + index * plan.panelByteCount)
            .assumingMemoryBound(to: Float.self)
    }

    /// Memory for a task of squares, of which there is as much as there are tasks at a time.
    func withSquares<Result>(_ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
        let taken = squares.withLock { $0.popLast() } ?? Squares(floats: Self.allocate(squaresCount))
        defer { squares.withLock { $0.append(taken) } }
        return body(taken.floats)
    }

    private struct Squares: @unchecked Sendable { let floats: UnsafeMutablePointer<Float> }

    private static func allocate<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
        UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
            .bindMemory(to: Element.self, capacity: count)
    }
}

/// The sums of an image's channels and of their squares, which a norm wants to know.
public struct ChannelStatistics: Sendable {
    public private(set) var sums: [Double]
    public private(set) var squares: [Double]

    /// What the tasks of a convolution have left, tile after tile.
    public init(_ plan: ConvolutionPlan, _ workspace: ConvolutionWorkspace) {
        let channels = plan.geometry.outputs
        sums = [Double](repeating: 0, count: channels)
        squares = sums
        workspace.require(plan)
        for tile in 0..<plan.tileCount {
            let found = workspace.statistics + tile * 2 * channels
            for channel in 0..<channels {
                sums[channel] += Double(found[channel])
                squares[channel] += Double(found[channels + channel])
            }
        }
    }
}
