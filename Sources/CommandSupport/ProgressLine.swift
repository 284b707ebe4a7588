/// How far a stage of work is.
public struct ProgressReport: Sendable, Equatable {
    public enum Unit: Sendable { case steps, bytes }

    public var stage: String
    public var done: Int
    public var total: Int
    public var unit: Unit
    /// Of the whole run, from 0 to 1.
    public var share: Double
    /// Steps or bytes in a second; nil when it says nothing.
    public var rate: Double?
    /// Until the whole run is over; nil when it is not known.
    public var secondsLeft: Double?

    public init(
        stage: String, done: Int, total: Int, unit: Unit = .steps, share: Double? = nil, rate: Double? = nil,
        secondsLeft: Double? = nil
    ) {
        self.stage = stage
        self.done = done
        self.total = total
        self.unit = unit
        self.share = min(max(share ?? Double(done) / Double(max(total, 1)), 0), 1)
        self.rate = rate
        self.secondsLeft = secondsLeft
    }
}

extension ProgressReport {
    private static let maximumBarLength = 40
    /// A bar grows by so many columns, lest it moves with every digit of the numbers beside it.
    private static let barStep = 4

    /// A line of at most `columns` columns: the longest form that fits, with a bar if there is room.
    public func line(columns: Int, isUTF8: Bool) -> String {
        let percent = "\(Int(100 * share)) %"
        let left = secondsLeft.map { ", \(Readable.duration($0)) left" } ?? ""
        let forms: [(text: String, shortestBar: Int)] = [
            (counts + speed + left, 12), (counts + left, 8), (percent + left, 8), (percent + left, 0), (percent, 0),
        ]
        for form in forms {
            let room = columns - stage.count - 1 - form.text.count
            guard form.shortestBar > 0 else {
                if room >= 0 { return "\(stage) \(form.text)" }
                continue
            }
            // With a blank after it.
            let width = min((room - 1) / Self.barStep * Self.barStep, Self.maximumBarLength)
            if width >= form.shortestBar { return "\(stage) \(bar(width, isUTF8)) \(form.text)" }
        }
        return String("\(stage) \(percent)".prefix(max(columns, 0)))
    }

    /// The same for a log: no bar, as long as it is.
    public var plainLine: String {
        stage + " " + counts + speed + (secondsLeft.map { ", \(Readable.duration($0)) left" } ?? "")
    }

    private var counts: String {
        unit == .bytes ? "\(Readable.bytes(done)) of \(Readable.bytes(total))" : "\(done) of \(total)"
    }

    private var speed: String {
        guard let rate, rate > 0 else { return "" }
        return unit == .bytes ? ", \(Readable.bytes(Int(rate)))/s" : ", \(Readable.rate(rate))/s"
    }

    private func bar(_ width: Int, _ isUTF8: Bool) -> String {
        let filled = Int(share * Double(width))
        return String(repeating: isUTF8 ? "█" : "#", count: filled)
            + String(repeating: isUTF8 ? "·" : ".", count: width - filled)
    }
}
