// swift-tools-version: 6.2
import PackageDescription

// Small programs on the libraries, as a package of its own: what they use is what any other package can use.
func library(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-dalle") }

func example(_ name: String, _ libraries: [String]) -> Target {
    .executableTarget(name: name, dependencies: libraries.map(library), path: "Sources/\(name)")
}

let package = Package(
    name: "Examples",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swift-dalle", path: "..")],
    targets: [
        example("draw", ["DalleRuntime", "DalleModels"]),
        example("codec", ["DalleRuntime", "DalleModels"]),
        example("own-codec", ["DalleRuntime", "DalleModels", "DalleFormat"]),
    ],
    swiftLanguageModes: [.v6]
)
