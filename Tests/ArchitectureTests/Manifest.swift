import Foundation
import TestSupport

/// The targets of `Package.swift`, read from its text: a test cannot ask `swift package`, which waits for the run to end.
struct Manifest {
    struct Target {
        let name: String
        /// From the top of the package.
        let folder: String
        /// Modules of this package and of others.
        let dependencies: Set<String>
    }

    let targets: [Target]

    init() throws {
        let text = try String(contentsOf: Sources.top.appending(path: "Package.swift"), encoding: .utf8)
        // Products of other packages have names of their own: `let yams: … = .product(name: "Yams", …)`.
        var products: [String: String] = [:]
        for match in text.matches(of: /let (\w+): Target\.Dependency = \.product\(name: "(\w+)"/) {
            products[String(match.1)] = String(match.2)
        }
        let list =
            text.components(separatedBy: "\n    targets: [\n").last?.components(separatedBy: "\n    ]").first ?? ""
        let code = list.split(separator: "\n").filter { !$0.contains(/^\s*\/\//) }.joined(separator: "\n")
        targets = Self.calls(code).compactMap { Self.target($0.function, $0.arguments, products) }
    }

    /// The calls that a list of targets is made of.
    private static func calls(_ code: String) -> [(function: String, arguments: String)] {
        var calls: [(String, String)] = []
        var (word, arguments, depth) = ("", "", 0)
        for character in code {
            if character == ")" { depth -= 1 }
            if depth > 0 {
                arguments.append(character)
            } else if character == ")" {
                calls.append((word, arguments))
                (word, arguments) = ("", "")
            } else if character.isLetter || character == "." {
                word.append(character)
            }
            if character == "(" { depth += 1 }
        }
        return calls
    }

    /// What one of the manifest's functions makes of its arguments.
    private static func target(_ function: String, _ arguments: String, _ products: [String: String]) -> Target? {
        let strings = quoted(arguments)
        guard let name = strings.first else { return nil }
        let lists =
            function.hasPrefix(".") ? arguments.components(separatedBy: "dependencies:").dropFirst().first : arguments
        let list = lists.flatMap { $0.firstMatch(of: /\[([^\]]*)\]/) }.map { String($0.1) } ?? ""
        var dependencies = Set(quoted(list))
        for word in list.split(whereSeparator: { !$0.isLetter }) {
            if let product = products[String(word)] { dependencies.insert(product) }
        }
        switch function {
        case "system": return Target(name: name, folder: "Sources/\(name)", dependencies: [])
        case "library": return Target(name: name, folder: "Sources/\(strings[1])", dependencies: dependencies)
        case "command":
            return Target(
                name: name, folder: "Sources/\(name)",
                dependencies: dependencies.union(["CommandSupport", "ArgumentParser"]))
        case "test":
            return Target(name: name, folder: "Tests/\(name)", dependencies: dependencies.union(["TestSupport"]))
        default:
            guard let path = arguments.firstMatch(of: /path: "([^"]+)"/) else { return nil }
            return Target(name: name, folder: String(path.1), dependencies: dependencies)
        }
    }

    private static func quoted(_ text: String) -> [String] { text.matches(of: /"([^"]*)"/).map { String($0.1) } }
}
