internal import ArgumentParser
internal import ByteFormats
internal import Checkpoints
internal import Foundation
internal import MaskCatalog
internal import MaskFiles
internal import MaskIngest
internal import MaskModel
internal import MaskQuery

/// MASKDB_KERNEL names a kernel that is not to be had.
struct KernelRefusal: Error, CustomStringConvertible {
  let name: String

  var description: String {
    "MASKDB_KERNEL is '\(name)', but this machine has \(Kernels.available.joined(separator: ", ")); "
      + "unset it or choose one of these"
  }
}

/// Options that have nothing to do with what they stand beside, which shows only once it is looked up.
struct UnfitOption: Error, CustomStringConvertible {
  /// One sentence: the option, the reason, the way out.
  let description: String
}

/// The end of a command that failed: one sentence and an exit code.
struct Failure {
  /// The documented exit codes.
  enum Code: Int32 {
    case notFound = 1
    case input = 2
    case catalog = 3
    case output = 4
    case usage = 64
  }

  private let error: any Error

  init(_ error: any Error) { self.error = error }

  /// Ends the process.
  ///
  /// Errors of ArgumentParser, help among them, are said in its words.
  func exit() -> Never {
    if let error = error as? Interrupted {
      StandardError.write("maskdb: \(error)\n")
      Foundation.exit(error.exitCode)
    }
    guard let code else { exitAsParser() }
    StandardError.write("maskdb: \(error)\n")
    Foundation.exit(code.rawValue)
  }

  /// What was asked for, such as help or the version, is an answer on stdout, and half of it is none.
  private func exitAsParser() -> Never {
    let code = MaskDBCommand.exitCode(for: error)
    let text = MaskDBCommand.fullMessage(for: error)
    guard !text.isEmpty else { Foundation.exit(code.rawValue) }
    guard code.isSuccess else {
      StandardError.write(text + "\n")
      Foundation.exit(code.rawValue)
    }
    do {
      try Output.print(text)
    } catch {
      Failure(error).exit()
    }
    Foundation.exit(code.rawValue)
  }

  private var code: Code? {
    switch error {
    case let error as CatalogError: Self.code(of: error)
    case is SelectionError, is IncompatibleMasks, is UnansweredQuestion: .notFound
    case is CheckpointError, is MismatchError, is ManifestError, is WrongCheckpoint,
      is MaskImportError, is AuditError, is OutsideDomain, is ChangedStrata,
      MaskFileError.malformed:
      .input
    case is NameError, is DefinitionError, is KernelRefusal, is ExpressionError, is UnfitOption:
      .usage
    case is FileError, is MaskFileError, is RefusedOutput: .output
    case is CancellationError: .notFound
    default: nil
    }
  }

  private static func code(of error: CatalogError) -> Code {
    switch error.code {
    case .diskFull: .output
    case .nameTaken, .runGone: .notFound
    case .unfitField: .input
    default: .catalog
    }
  }
}
