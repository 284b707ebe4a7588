internal import CKernels
public import DalleFormat
private import DalleThreads

/// Room for the input of a convolution as kernels take it, for its weights, and for what it leaves about its output.
public final class ConvolutionWorkspace: @unchecked Sendable {
    private let byteCount: Int
    private let weightSumCount: Int
    private let statisticsCount: Int
    private let squaresCount: Int
    private let preparedMemory: Memory<UInt8>
    private let weightSumMemory: Memory<Int32>
    private let statisticsMemory: Memory<Float>
    /// What tasks of squares need for themselves, and the places that none of them has.
    private let squaresMemory: Memory<Float>
    private let freeSquares: Monitor<[Int]>

    /// A plan's prepared input, then its panels.
    var prepared: UnsafeMutablePointer<UInt8> { preparedMemory.base }
    var weightSums: UnsafeMutablePointer<Int32> { weightSumMemory.base }
    var statistics: UnsafeMutablePointer<Float> { statisticsMemory.base }

    /// Room for the largest of the given convolutions; they use it one after the other.
    ///
    /// - Parameter tasks: Of a convolution that are done at the same time, at most.
    /// - Throws: `noMemory` when there is not so much.
    public init(_ plans: some Collection<ConvolutionPlan>, tasks: Int = 1) throws(DalleError) {
        func largest(_ size: (ConvolutionPlan) -> Int) -> Int { max(plans.map(size).max() ?? 0, 64) }
        byteCount = largest(\.byteCount)
        weightSumCount = largest(\.weightSumCount)
        statisticsCount = largest(\.statisticsCount)
        squaresCount = ActivationRows.padded(largest(\.squaresCount), to: Self.cacheLine)
        let purpose = "a convolution"
        preparedMemory = try Memory(byteCount, for: purpose)
        weightSumMemory = try Memory(weightSumCount, for: purpose)
        statisticsMemory = try Memory(statisticsCount, for: purpose)
        squaresMemory = try Memory(squaresCount * tasks, for: purpose)
        freeSquares = Monitor(Array(0..<tasks))
    }

    /// In floats.
    private static let cacheLine = 16

    func require(_ plan: ConvolutionPlan) {
        precondition(plan.byteCount <= byteCount && plan.statisticsCount <= statisticsCount)
        precondition(plan.weightSumCount <= weightSumCount && plan.squaresCount <= squaresCount)
    }

    func panel(_ index: Int, of plan: ConvolutionPlan) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer(prepared + plan.preparedByteCount + index * plan.panelByteCount)
            .assumingMemoryBound(to: Float.self)
    }

    /// Memory for a task of squares.
    func withSquares<Result>(_ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
        let place = freeSquares.withLock { $0.popLast() }
        guard let place else { preconditionFailure("more tasks at a time than the workspace is for") }
        defer { freeSquares.withLock { $0.append(place) } }
        return body(squaresMemory.base + place * squaresCount)
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

    /// Of an image that no convolution has written.
    public init(_ image: Pixels) {
        let channels = image.channels
        (sums, squares) = image.withNumbers { numbers in
            var (sums, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
            for (index, number) in numbers.enumerated() {
                sums[index % channels] += Double(number)
                squares[index % channels] += Double(number) * Double(number)
            }
            return (sums, squares)
        }
    }
}
