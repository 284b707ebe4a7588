import CSystem

/// A signal that is to end the process, for work that has something to keep first.
public enum Interruption {
    /// From now on the first signal waits until the work asks for it; a second one ends the process at once.
    public static func wait() { csys_let_signals_wait(true) }

    /// Signals end the process at once again, and one that waits does so now.
    public static func release() {
        csys_let_signals_wait(false)
        if let signal { end(signal, nil) }
    }

    /// The one that waits.
    public static var signal: Int32? {
        let number = csys_waiting_signal()
        return number == 0 ? nil : number
    }

    /// Ends the process with 128 and the signal's number.
    ///
    /// - Parameter message: What is said, if not what every interrupted command says.
    public static func end(_ signal: Int32, _ message: String?) -> Never {
        csys_end_on_signal(signal, message)
    }
}
