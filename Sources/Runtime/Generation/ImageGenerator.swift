public import DalleFormat
public import DalleModels

/// Makes images of prompts in the thread that asks for them: tokens one after the other, then pixels.
///
///     let generator = try ImageGenerator(DalleModel("mini.dalle"), ComputeContext())
///     try generator.generate([Request(prompt: "a red fox", seed: 7)]) { image in
///         try PNGFile.write(image.image, to: "fox.png", replacing: false)
///     }
///
/// `ImageEngine` does the same for callers that wait.
public struct ImageGenerator: Sendable {
    public let model: DalleModel
    /// The file's, else upstream's.
    public let defaults: GenerationDefaults
    private let context: ComputeContext
    private let tokenModel: any ImageTokenModel
    private let codec: any ImageCodec

    /// - Throws: `missingInput` when the file lacks a part that images need, `badData` when one is damaged.
    public init(_ model: DalleModel, _ context: ComputeContext) throws(DalleError) {
        self.model = model
        self.context = context
        defaults = try model.defaults()
        tokenModel = try model.tokenModel(context)
        _ = try tokenModel.tokenize(nil)
        // Before an hour is spent on tokens.
        codec = try model.codec(context)
    }

    /// The characters of prompts that may be read otherwise than the model learned them, each once, in order.
    public func unsureCharacters(_ prompts: [String]) -> [Unicode.Scalar] {
        var seen: Set<Unicode.Scalar> = []
        return prompts.flatMap(tokenModel.unsureCharacters).filter { seen.insert($0).inserted }
    }

    /// Makes the images that are asked for and hands each over as soon as it is done.
    ///
    /// Works in the calling thread and its context's; several threads may call it at the same time. In a task that is
    /// cancelled it stops before the next token.
    ///
    /// On the fast route an image does not depend on its company; on the reference route matrix products depend on the
    /// number of rows in their last bits, so sample one after the other there.
    ///
    /// - Parameters:
    ///   - options: nil takes the file's.
    ///   - plan: How many images share a pass, and whether the token model's weights stay in memory.
    ///   - progress: called on the way.
    ///   - deliver: called with each image.
    /// - Throws: `cancelled` when the current task has been; `missingInput` or `badData` when a part of the file is not there or
    ///   is damaged; and what `deliver` throws.
    public func generate(
        _ requests: [Request], _ options: GenerationOptions? = nil, plan: MemoryPlan = .oneByOne,
        progress: (GenerationEvent) -> Void = { _ in }, deliver: (GeneratedImage) throws(DalleError) -> Void
    ) throws(DalleError) {
        guard !requests.isEmpty else { return }
        let loop = GenerationLoop(
            model, tokenModel, codec, rows: min(plan.batch, requests.count), releasesLayers: plan.releasesLayers,
            isShared: false, context)
        let options = options ?? GenerationOptions(SamplingOptions(defaults))
        try withoutActuallyEscaping(progress) { progress throws(DalleError) in
            try withoutActuallyEscaping(deliver) { deliver throws(DalleError) in
                try loop.add(requests, options) { event throws(DalleError) in
                    if case .image(let image) = event { try deliver(image) } else { progress(event) }
                }
                repeat {
                    guard !Task.isCancelled else { throw DalleError(.cancelled, "the task was cancelled") }
                } while try loop.advance()
                loop.cancel(1)
            }
        }
    }
}
