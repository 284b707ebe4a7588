// Draws two images of a prompt: draw MODEL.dalle PROMPT NAME   writes NAME-1.png and NAME-2.png.

import DalleModels
import DalleRuntime
import Foundation

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 3 else {
    print("usage: draw MODEL.dalle PROMPT NAME")
    exit(64)
}
let (path, prompt, name) = (arguments[0], arguments[1], arguments[2])
do {
    let engine = try ImageEngine(DalleModel(path))
    // Both share the passes over the weights; each is the image that its seed gives alone.
    let requests = [1, 2].map { Request(prompt: prompt, seed: $0) }
    // The first half of an image is shown before the second is there.
    let options = GenerationOptions(SamplingOptions(engine.defaults), previewRows: 4)
    for try await event in engine.generate(requests, options) {
        switch event {
        case .truncated(_, let tokens, let unseen):
            print("Only \(tokens) tokens of the prompt are seen; the rest is '\(unseen)'.")
        case .preview(let image, let number):
            print("\(name)-\(requests[number].seed): \(image.width) × \(image.height) pixels so far")
        case .image(let made):
            try PNGFile.write(made.image, to: "\(name)-\(made.request.seed).png", replacing: true)
            print("\(name)-\(made.request.seed).png")
        case .encoding, .loading, .sampling, .decoding: break
        }
    }
} catch {
    FileHandle.standardError.write(Data("draw: \(error)\n".utf8))
    exit(1)
}
