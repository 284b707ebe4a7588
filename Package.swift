// swift-tools-version: 6.2
import PackageDescription

// Every target of ours is held to the same language rules; a warning is an error.
let house: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // `@_lifetime` lets a mapped file lend its bytes as a span; swift-nio and swift-collections ship with it.
    .enableExperimentalFeature("Lifetimes"),
]

/// Arithmetic without optimisation takes minutes where it should take seconds, so `make test` asks for it in debug builds
/// too. Only there: packages with such flags cannot be depended on.
let optimized: [SwiftSetting] =
    Context.environment["DALLE_OPTIMIZE_DEBUG"] == nil
    ? [] : [.unsafeFlags(["-O"], .when(configuration: .debug))]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// A library or a test, `Sources/FOLDER` or `Tests/FOLDER`, with the targets it may import.
func library(_ name: String, _ folder: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(folder)", swiftSettings: house + optimized)
}

func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + ["CommandSupport", argumentParser],
        path: "Sources/\(name)", swiftSettings: house)
}

func test(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"],
        path: "Tests/\(name)", swiftSettings: house)
}

func system(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/\(name)", pkgConfig: pkgConfig,
        providers: [.apt([apt]), .brew([brew])])
}

/// The names of test targets, where not all are to be built: `DALLE_TESTS="ConcurrencyTests"`.
let wantedTests = Context.environment["DALLE_TESTS"]?.split(separator: " ").map(String.init)

let package = Package(
    name: "swift-dalle",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "DalleFormat", targets: ["DalleFormat"]),
        .library(name: "DalleModels", targets: ["DalleModels"]),
        .library(name: "DalleConvert", targets: ["DalleConvert"]),
        .library(name: "DalleQuant", targets: ["DalleQuant"]),
        .library(name: "DalleRuntime", targets: ["DalleRuntime"]),
        .executable(name: "dalle-convert", targets: ["dalle-convert"]),
        .executable(name: "dalle-quant", targets: ["dalle-quant"]),
        .executable(name: "dalle-run", targets: ["dalle-run"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    ],
    targets: [
        system("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev", brew: "zstd"),
        system("CXXHash", pkgConfig: "libxxhash", apt: "libxxhash-dev", brew: "xxhash"),
        system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev", brew: "zlib"),
        system("CPNG", pkgConfig: "libpng", apt: "libpng-dev", brew: "libpng"),
        system("CJPEG", pkgConfig: "libjpeg", apt: "libjpeg-dev", brew: "jpeg-turbo"),

        // The bodies are included by the sources, some once for each instruction set.
        .target(name: "CKernels", path: "Sources/CKernels", exclude: ["bodies"]),
        .target(name: "CSystem", path: "Sources/CSystem"),
        library("DalleThreads", "Threads", ["CSystem"]),
        library("DalleKernels", "Kernels", ["DalleFormat", "DalleThreads", "CKernels"]),
        library("DalleFormat", "Format", ["DalleThreads", "CSystem", "CZstd", "CXXHash"]),
        library("DalleModels", "Models", ["DalleFormat"]),
        library("DalleText", "Text", ["DalleFormat", "DalleModels"]),
        library("DalleConvert", "Convert", ["DalleFormat", "DalleModels", "DalleThreads", "CZlib", yams]),
        library("DalleQuant", "Quant", ["DalleFormat", "DalleModels", "DalleKernels", "DalleThreads"]),
        library(
            "DalleRuntime", "Runtime",
            ["DalleFormat", "DalleModels", "DalleText", "DalleKernels", "DalleThreads", "CPNG", "CJPEG", "CZlib"]),
        library(
            "DalleVerification", "Verification",
            ["DalleFormat", "DalleModels", "DalleText", "DalleConvert", "DalleRuntime", "DalleThreads"]),

        library("CommandSupport", "CommandSupport", ["DalleFormat", "DalleThreads", "CSystem", argumentParser]),
        command("dalle-convert", ["DalleConvert", "DalleModels", "DalleFormat"]),
        command("dalle-quant", ["DalleQuant", "DalleVerification", "DalleRuntime", "DalleKernels", "DalleFormat"]),
        command("dalle-run", ["DalleRuntime", "DalleVerification", "DalleModels", "DalleFormat", "DalleKernels"]),

        .target(
            name: "TestSupport",
            dependencies: [
                "DalleFormat", "DalleModels", "DalleConvert", "DalleQuant", "DalleRuntime", "DalleVerification",
            ],
            path: "Tests/TestSupport", swiftSettings: house + optimized),
        .executableTarget(
            name: "demo-score",
            dependencies: [
                "TestSupport", "DalleRuntime", "DalleModels", "DalleVerification", "DalleFormat", "DalleKernels",
                argumentParser,
            ],
            path: "Benchmarks/demo-score", swiftSettings: house),
        .executableTarget(
            name: "text-agreement", dependencies: ["DalleText", "DalleRuntime", "DalleConvert", "DalleFormat"],
            path: "Benchmarks/text-agreement", swiftSettings: house),
        test("FormatTests", ["DalleFormat"]),
        test("ModelsTests", ["DalleModels", "DalleFormat"]),
        test("ConvertTests", ["DalleConvert", "DalleModels", "DalleFormat"]),
        .target(name: "TileModel", dependencies: ["CKernels"], path: "Tests/TileModel"),
        test("KernelsTests", ["DalleKernels", "DalleFormat", "CKernels", "TileModel"]),
        test("QuantTests", ["DalleQuant", "DalleModels", "DalleFormat"]),
        test(
            "RuntimeTests",
            [
                "DalleRuntime", "DalleText", "DalleModels", "DalleKernels", "DalleConvert", "DalleFormat",
                "DalleVerification", "DalleQuant", "DalleThreads",
            ]),
        test(
            "ConcurrencyTests",
            ["DalleRuntime", "DalleModels", "DalleQuant", "DalleKernels", "DalleFormat", "DalleThreads"]),
        test("RobustnessTests", ["DalleRuntime", "DalleConvert", "DalleModels", "DalleFormat", "DalleVerification"]),
        test("CommandTests", ["CommandSupport", "DalleModels", "DalleFormat"]),
        test("ArchitectureTests", []),
    ],
    swiftLanguageModes: [.v6]
)

if let wantedTests { package.targets.removeAll { $0.type == .test && !wantedTests.contains($0.name) } }
