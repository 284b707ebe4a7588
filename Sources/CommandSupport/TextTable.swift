import DalleFormat

/// Columns as wide as what is in them.
public enum TextTable {
    /// - Parameter rows: Cells, which may be names from a file: each is shown in one line.
    public static func text(_ rows: [[String]]) -> String {
        let rows = rows.map { $0.map { PlainText.line($0) } }
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
