/// The version of this package, as commands print it and files record it.
public let packageVersion = "0.1.0"
