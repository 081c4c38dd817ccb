public import ByteFormats
internal import MaskModel
public import MaskQuery

/// What an audit found, as text and JSON.
public struct AuditReport: Sendable {
  private let audit: Audit
  private let mask: String
  private let base: String
  private let trained: String
  private let reference: String?

  /// A report on `audit` of `trained` against `base` under `mask`.
  public init(
    _ audit: Audit,
    mask: String,
    base: String,
    trained: String,
    reference: String?
  ) {
    self.audit = audit
    self.mask = mask
    self.base = base
    self.trained = trained
    self.reference = reference
  }

  private var offenders: [Audit.Tensor] { audit.tensors.filter { $0.changedOutside > 0 } }
}

extension AuditReport {
  /// The report as schema `maskdb.audit/1` has it.
  public var json: JSONValue {
    var object: JSONObject = [
      "schema": "maskdb.audit/1",
      "mask": .string(mask),
      "base": .string(base),
      "trained": .string(trained),
      "reference": JSONValue(reference),
      "parameters": .integer(audit.positions),
      "inside": .integer(audit.inside),
      "changed_inside": .integer(audit.changedInside),
      "outside": .integer(audit.outside),
      "changed_outside": .integer(audit.changedOutside),
      "rounded": .array(audit.rounded.map(JSONValue.string)),
      "offenders": .array(offenders.map(value)),
      "added": .array(
        audit.added.map { ["tensor": .string($0.name), "shape": shape($0)] }
      ),
      "altered": .array(
        audit.altered.map { ["tensor": .string($0.name), "reason": .string($0.reason)] }
      ),
      "agreement": .null,
    ]
    if let agreement = audit.agreement { object["agreement"] = value(agreement) }
    return .object(object)
  }

  private func shape(_ tensor: TensorLayout) -> JSONValue {
    .array(tensor.shape.dimensions.map(JSONValue.integer))
  }

  private func value(_ tensor: Audit.Tensor) -> JSONValue {
    [
      "tensor": .string(tensor.layout.name),
      "shape": shape(tensor.layout),
      "changed_outside": .integer(tensor.changedOutside),
      "first": .array(
        tensor.firstOutside.map { position in
          [
            "position": .integer(position),
            "index": .array(tensor.layout.shape.index(of: position).map(JSONValue.integer)),
            "row": .integer(position / max(1, tensor.layout.shape.columns)),
            "column": .integer(position % max(1, tensor.layout.shape.columns)),
          ]
        }
      ),
    ]
  }

  private func value(_ agreement: Audit.Agreement) -> JSONValue {
    func share(_ count: Int, of total: Int) -> JSONValue {
      total > 0 ? .number(Double(count) / Double(total)) : .null
    }
    return [
      "identical_inside": .integer(agreement.identicalInside),
      "identical": .integer(agreement.identical),
      "close_inside": .integer(agreement.closeInside),
      "close": .integer(agreement.close),
      "identical_inside_share": share(agreement.identicalInside, of: audit.inside),
      "identical_share": share(agreement.identical, of: audit.positions),
      "close_inside_share": share(agreement.closeInside, of: audit.inside),
      "close_share": share(agreement.close, of: audit.positions),
    ]
  }
}

extension AuditReport {
  /// The tensors that text names.
  private static let shownTensors = 10

  /// The report in lines.
  public var text: String {
    let lines =
      [
        "\(count(audit.changedOutside)) of \(positions(audit.outside)) outside the mask changed",
        "\(count(audit.changedInside)) of \(positions(audit.inside)) inside the mask changed"
          + percent(audit.changedInside, of: audit.inside),
      ] + agreementLines + offenderLines + addedLines + alteredLines
    return lines.joined(separator: "\n")
  }

  private var agreementLines: [String] {
    guard let agreement = audit.agreement, let reference else { return [] }
    func line(_ what: String, _ inside: Int, _ all: Int) -> String {
      "\(what) \(reference): \(count(inside)) of \(count(audit.inside)) inside"
        + percent(inside, of: audit.inside) + ", \(count(all)) of \(count(audit.positions)) overall"
        + percent(all, of: audit.positions)
    }
    return [
      line("bit-identical to", agreement.identicalInside, agreement.identical),
      line("within 1e-5 of", agreement.closeInside, agreement.close),
    ]
  }

  private var offenderLines: [String] {
    let shown = offenders.prefix(Self.shownTensors).map { tensor in
      let places = tensor.firstOutside.map { position in
        let index = tensor.layout.shape.index(of: position)
        return "(\(index.map(String.init).joined(separator: ", ")))"
      }
      let more = tensor.changedOutside > places.count ? ", ..." : ""
      return "  \(tensor.layout.name) \(tensor.layout.shape): \(count(tensor.changedOutside)) at "
        + places.joined(separator: ", ") + more
    }
    let rest = offenders.count - shown.count
    return shown + (rest > 0 ? ["  and \(rest, of: "more tensor")"] : [])
  }

  private var addedLines: [String] {
    list(audit.added.map { "\($0.name) \($0.shape)" }, "that the base lacks")
  }

  private var alteredLines: [String] {
    let lines = audit.altered.map { "\($0.name): \($0.reason)" }
    return list(lines, "that \(lines.count == 1 ? "is" : "are") no float weights and not as before")
  }

  /// A heading with the number of tensors, and the first of them.
  private func list(_ tensors: [String], _ what: String) -> [String] {
    guard !tensors.isEmpty else { return [] }
    let shown = tensors.prefix(Self.shownTensors).map { "  \($0)" }
    let rest = tensors.count - shown.count
    return ["\(tensors.count, of: "tensor") \(what):"] + shown
      + (rest > 0 ? ["  and \(rest, of: "more tensor")"] : [])
  }

  private func count(_ number: Int) -> String { NumberText.count(number) }

  private func positions(_ number: Int) -> String {
    "\(count(number)) \(NumberText.noun("position", number))"
  }

  private func percent(_ part: Int, of whole: Int) -> String {
    whole > 0 ? " (\(NumberText.percent(Double(part) / Double(whole))) %)" : ""
  }
}
