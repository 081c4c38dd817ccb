/// One line of comma-separated values, after RFC 4180.
public enum CSVLine {
  /// `fields` with commas between them and a line break, CR LF, behind them.
  ///
  /// A field with a comma, a quote or a line break stands in quotes, its quotes doubled.
  public static func of(_ fields: [String]) -> String {
    fields.map(quoted).joined(separator: ",") + "\r\n"
  }

  private static func quoted(_ field: String) -> String {
    let isPlain = field.utf8.allSatisfy { !special.contains($0) }
    guard !isPlain else { return field }
    return "\"" + field.doubling("\"") + "\""
  }

  private static let special: Set<UInt8> = [0x22, 0x2C, 0x0D, 0x0A]
}
