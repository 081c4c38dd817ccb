internal import MaskModel

/// The fields in which runs are told apart: all that are recorded, but for those ignored.
public struct RunFactors: Sendable, Hashable {
  /// The fields; algorithm, dataset and seed first.
  public let fields: [String]
  /// The recorded fields that are ignored; name and step always are, and are not listed.
  public let ignored: [String]

  /// The factors of `cases`, ignoring the fields `ignored`.
  ///
  /// - Throws: `UnansweredQuestion` where a field to ignore is recorded of no case.
  public init(of cases: [RunCase], ignoring ignored: [String] = []) throws(UnansweredQuestion) {
    let recorded = cases.recordedFields
    for field in ignored where !RunCase.exceptions.contains(field) {
      guard recorded.contains(field) else { throw .noField(field, among: recorded) }
    }
    fields = recorded.filter { !ignored.contains($0) }
    self.ignored = recorded.filter(ignored.contains)
  }

  /// Refuses fields that no case records.
  public func check(_ asked: [String]) throws(UnansweredQuestion) {
    for field in asked where !fields.contains(field) {
      throw .noField(field, among: fields)
    }
  }

  /// The fields in which two cases differ, or of which one records nothing.
  func differences(_ a: RunCase, _ b: RunCase) -> [String] {
    fields.filter { a.values[$0] != b.values[$0] }
  }
}

extension UnansweredQuestion {
  static func noField(_ field: String, among recorded: [String]) -> UnansweredQuestion {
    if RunCase.exceptions.contains(field) {
      return UnansweredQuestion(
        description: "\(field) is no factor: masks of several steps are masks of one run, which "
          + "counts once"
      )
    }
    return notRecorded(field, among: recorded)
  }

  /// No run records `field`, but `recorded`.
  public static func notRecorded(_ field: String, among recorded: [String]) -> UnansweredQuestion {
    UnansweredQuestion(description: absence(of: field, among: recorded))
  }

  /// That no run records `field`, and what is recorded.
  static func absence(of field: String, among recorded: [String]) -> String {
    let near = NearestNames.of(field, among: recorded)
    guard !recorded.isEmpty else {
      return "no selected run records '\(field)', or anything else; `maskdb set` records it"
    }
    let hint =
      near.isEmpty
      ? "recorded: \(recorded.joined(separator: ", "))"
      : "did you mean \(near.joined(separator: " or "))?"
    return "no selected run records '\(field)'; \(hint)"
  }
}
