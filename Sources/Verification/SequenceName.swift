import DalleFormat
import DalleModels
import DalleRuntime

/// What the name of a reference's code sequence says about how it was drawn.
///
/// `greedy_c10`, `greedy_c1_eos_allowed`, `sample_key3_c3_t0.7_k20_p0.9`: the key of the random numbers, condition
/// scale, temperature, top-k (also `top20`) and top-p.
struct SequenceName: Equatable {
    let name: String
    var settings = GenerationDefaults()
    /// The seed; greedy without.
    var seed: UInt32?
    var stopsAtEnd = false
    /// Computed without a cache, one pass for each code.
    var isUncached = false

    /// Nothing when the name is not of this form.
    init?(_ name: String) {
        self.name = name
        settings.conditionScale = 1
        var fields = name.split(separator: "_")[...]
        let kind = fields.popFirst()
        guard kind == "greedy" || kind == "sample" else { return nil }
        if fields.suffix(2) == ["eos", "allowed"] {
            stopsAtEnd = true
            fields.removeLast(2)
        } else if fields.last == "uncached" {
            isUncached = true
            fields.removeLast()
        }
        for field in fields {
            let letters = field.prefix { $0.isLetter }
            let number = field.dropFirst(letters.count)
            switch letters {
            case "key":
                guard let value = UInt32(number) else { return nil }
                seed = value
            case "c":
                guard let value = Double(number) else { return nil }
                settings.conditionScale = value
            case "t":
                guard let value = Double(number), value > 0 else { return nil }
                settings.temperature = value
            case "k", "top":
                guard let value = Int(number), value >= 0 else { return nil }
                settings.topK = value
            case "p":
                guard let value = Double(number) else { return nil }
                settings.topP = value
            default: return nil
            }
        }
        guard (kind == "sample") == (seed != nil) else { return nil }
    }
}
