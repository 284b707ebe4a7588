internal import CKernels

/// Room for the input of a convolution as kernels take it, for its weights, and for what it leaves about its output.
public final class ConvolutionWorkspace: @unchecked Sendable {
    private let preparedByteCount: Int
    private let panelByteCount: Int
    private let weightSumCount: Int
    private let statisticsCount: Int
    let prepared: UnsafeMutablePointer<UInt8>
    let panels: UnsafeMutablePointer<Float>
    let weightSums: UnsafeMutablePointer<Int32>
    let statistics: UnsafeMutablePointer<Float>

    /// Room for the largest of the given convolutions; they use it one after the other.
    public init(_ plans: some Collection<ConvolutionPlan>) {
        func largest(_ size: (ConvolutionPlan) -> Int) -> Int { max(plans.map(size).max() ?? 0, 64) }
        preparedByteCount = largest(\.preparedByteCount)
        panelByteCount = largest { $0.panelCount * $0.panelByteCount }
        weightSumCount = largest(\.weightSumCount)
        statisticsCount = largest(\.statisticsCount)
        prepared = Self.allocate(preparedByteCount)
        panels = Self.allocate(panelByteCount / 4)
        weightSums = Self.allocate(weightSumCount)
        statistics = Self.allocate(statisticsCount)
    }

    deinit {
        prepared.deallocate()
        panels.deallocate()
        weightSums.deallocate()
        statistics.deallocate()
    }

    public var byteCount: Int { preparedByteCount + panelByteCount + 4 * (weightSumCount + statisticsCount) }

    func require(_ plan: ConvolutionPlan) {
        precondition(plan.preparedByteCount <= preparedByteCount && plan.statisticsCount <= statisticsCount)
        precondition(plan.panelCount * plan.panelByteCount <= panelByteCount)
        precondition(plan.weightSumCount <= weightSumCount)
    }

    func panel(_ index: Int, of plan: ConvolutionPlan) -> UnsafeMutablePointer<Float> {
        panels + index * (plan.panelByteCount / 4)
    }

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
