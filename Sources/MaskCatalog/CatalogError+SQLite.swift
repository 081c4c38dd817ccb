internal import ByteFormats
internal import GRDB
internal import SystemPackage

extension CatalogError {
  /// The catalog's words for any error met in a transaction.
  init(_ error: any Error, at path: FilePath) {
    switch error {
    case let error as CatalogError: self = error
    case let error as DatabaseError: self.init(Self.code(of: error), at: path)
    case is RowDecodingError: self.init(.damaged("a row has no value where it must"), at: path)
    case let error as UnfitField: self.init(.unfitField(error.flaw), at: path)
    case let error as Damage: self.init(.damaged(error.detail), at: path)
    case let error as FileError: self.init(Self.code(of: error), at: path)
    default: self.init(.storage("\(error)"), at: path)
    }
  }

  private static func code(of error: FileError) -> Code {
    switch error.reason {
    case .notFound: .missing
    case .isFolder, .notARegularFile, .notAFolder: .foreign
    case .notPermitted, .readOnly: .unwritable
    case .diskFull: .diskFull
    default: .storage("\(error)")
    }
  }

  private static func code(of error: DatabaseError) -> Code {
    switch error.resultCode {
    case .SQLITE_NOTADB: .foreign
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM: .unwritable
    case .SQLITE_FULL: .diskFull
    case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
    case .SQLITE_CORRUPT: .damaged(error.message ?? "SQLite finds it corrupt")
    case .SQLITE_CONSTRAINT: .damaged("\(error.message ?? "a constraint") does not hold")
    default: .storage("SQLite error \(error.resultCode.rawValue): \(error.message ?? "no text")")
    }
  }
}
