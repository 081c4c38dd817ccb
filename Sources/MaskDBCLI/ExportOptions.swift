public import ArgumentParser
internal import Checkpoints
public import MaskFiles
internal import MaskModel
internal import MaskQuery

extension MaskFormat: ExpressibleByArgument {}
extension MaskPolarity: ExpressibleByArgument {}
extension MaskFile.Kind: ExpressibleByArgument {}

/// Whose names the tensors of an exported mask have.
enum NameStyle: String, ExpressibleByArgument, CaseIterable {
  case hf
  case model
}

/// Which tensors are exported, and under which names.
struct ExportTensorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "hf: as in Hugging Face checkpoints. model: as named_parameters() of the loaded model."
    )
  )
  var names: NameStyle = .hf

  @OptionGroup var tensors: TensorOptions

  /// The names of the tensors of `layout` that are exported, from the names of the layout.
  func chosen(of layout: ModelLayout, base: () throws -> Checkpoint) throws -> ExportedNames {
    let kept = try tensors.scope(by: nil).resolved(in: layout.tensors).tensors.map {
      layout.tensors[$0].name
    }
    let model = names == .model ? ParameterNames(of: try base()) : nil
    return ExportedNames(
      names: Dictionary(uniqueKeysWithValues: kept.map { ($0, model?.parameter($0) ?? $0) }),
      prefix: model?.prefix
    )
  }
}

/// The names under which tensors are exported.
struct ExportedNames {
  /// By the names of the layout.
  let names: [String: String]
  /// What was put before names of the layout, if anything.
  let prefix: String?
}

/// A number of bytes, such as `500MB`, `5GB` or `2GiB`.
struct ByteSize: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let units = [
      ("KIB", 1 << 10), ("MIB", 1 << 20), ("GIB", 1 << 30), ("KB", 1000), ("MB", 1_000_000),
      ("GB", 1_000_000_000), ("B", 1), ("", 1),
    ]
    let text = argument.uppercased()
    guard let (suffix, unit) = units.first(where: { text.hasSuffix($0.0) }),
      let number = Int(text.dropLast(suffix.count)), number > 0
    else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    bytes = product
  }
}
