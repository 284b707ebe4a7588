import DalleModels

/// What this machine can do, measured with the kernels and threads in use.
public struct MachineLimits: Sendable {
    /// Bytes per second that all threads read from memory.
    public let readBandwidth: Double
    /// Products per second in registers.
    public let floatProducts: Double
    public let byteProducts: Double

    /// What reading some work's bytes takes, or its products if they take longer.
    func seconds(_ work: OperationCost) -> Double {
        max(
            Double(work.bytes) / readBandwidth,
            Double(work.floatProducts) / floatProducts + Double(work.int8Products) / byteProducts)
    }
}

extension MachineLimits {
    /// What reading some work's bytes and its products take, one after the other.
    func sum(_ work: OperationCost) -> Double {
        Double(work.bytes) / readBandwidth + Double(work.floatProducts) / floatProducts
            + Double(work.int8Products) / byteProducts
    }

    /// Of several measurements, the median of each.
    init(_ samples: [MachineLimits]) {
        func median(_ value: (MachineLimits) -> Double) -> Double { samples.map(value).median ?? 0 }
        readBandwidth = median(\.readBandwidth)
        floatProducts = median(\.floatProducts)
        byteProducts = median(\.byteProducts)
    }
}
