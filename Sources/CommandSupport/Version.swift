import DalleFormat

/// What `--version` prints.
public enum Version {
    /// - Parameter kernels: The arithmetic in use, for commands that compute.
    public static func text(_ command: String, kernels: String? = nil) -> String {
        #if arch(x86_64)
            let architecture = "x86-64"
        #elseif arch(arm64)
            let architecture = "arm64"
        #else
            let architecture = "portable code"
        #endif
        return "\(command) \(packageVersion) (\(kernels ?? architecture))"
    }
}
