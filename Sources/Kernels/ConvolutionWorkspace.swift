internal import CKernels
public import DalleFormat
private import DalleThreads

/// Memory for a convolution's packed input, its packed weights, and the statistics of its output.
public final class ConvolutionWorkspace: @unchecked Sendable {
    private let byteCount: Int
    private let weightSumCount: Int
    private let statisticsCount: Int
    private let winogradCount: Int
    private let preparedMemory: Memory<UInt8>
    private let weightSumMemory: Memory<Int32>
    private let statisticsMemory: Memory<Float>
    /// Memory that Winograd tasks need for themselves, and its slots that are free.
    private let winogradMemory: Memory<Float>
    private let freeWinogradSlots: Monitor<[Int]>

    /// A plan's packed input, then its panels.
    var prepared: UnsafeMutablePointer<UInt8> { preparedMemory.base }
    var weightSums: UnsafeMutablePointer<Int32> { weightSumMemory.base }
    var statistics: UnsafeMutablePointer<Float> { statisticsMemory.base }

    /// Memory for the largest of some convolutions, which use it one after the other.
    ///
    /// - Parameter tasks: Maximum number of a convolution's tasks at the same time.
    /// - Throws: `noMemory` when there is not so much.
    public init(_ plans: some Collection<ConvolutionPlan>, tasks: Int = 1) throws(DalleError) {
        func largest(_ size: (ConvolutionPlan) -> Int) -> Int { max(plans.map(size).max() ?? 0, 64) }
        byteCount = largest(\.byteCount)
        weightSumCount = largest(\.weightSumCount)
        statisticsCount = largest(\.statisticsCount)
        winogradCount = ActivationRows.padded(largest(\.winogradCount), to: Self.cacheLine)
        let purpose = "a convolution"
        preparedMemory = try Memory(byteCount, for: purpose)
        weightSumMemory = try Memory(weightSumCount, for: purpose)
        statisticsMemory = try Memory(statisticsCount, for: purpose)
        winogradMemory = try Memory(winogradCount * tasks, for: purpose)
        freeWinogradSlots = Monitor(Array(0..<tasks))
    }

    /// In floats.
    private static let cacheLine = 16

    func require(_ plan: ConvolutionPlan) {
        precondition(plan.byteCount <= byteCount && plan.statisticsCount <= statisticsCount)
        precondition(plan.weightSumCount <= weightSumCount && plan.winogradCount <= winogradCount)
    }

    func panel(_ index: Int, of plan: ConvolutionPlan) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer(prepared + plan.preparedByteCount + index * plan.panelByteCount)
            .assumingMemoryBound(to: Float.self)
    }

    /// Lends memory for a Winograd task.
    func withWinogradMemory<Result>(_ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
        let place = freeWinogradSlots.withLock { $0.popLast() }
        guard let place else { preconditionFailure("more tasks at a time than the workspace is for") }
        defer { freeWinogradSlots.withLock { $0.append(place) } }
        return body(winogradMemory.base + place * winogradCount)
    }
}

/// The sums of an image's channels and of their squares, for group norm.
public struct ChannelStatistics: Sendable {
    public private(set) var sums: [Double]
    public private(set) var squares: [Double]

    /// Adds up what a convolution's tasks have written, tile after tile.
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
