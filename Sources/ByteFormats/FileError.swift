public import SystemPackage

/// What went wrong with which file: facts only.
public struct FileError: Error, Sendable, Hashable {
  /// What was being done.
  public enum Action: String, Sendable, Hashable {
    case open
    case inspect
    case list
    case read
    case create
    case write
    case replace
  }

  /// Why it could not be done.
  public enum Reason: Sendable, Hashable {
    /// Nothing has that name.
    case notFound
    /// The permissions of the file or of a folder above it do not allow it.
    case notPermitted
    /// It is a folder where a file was wanted.
    case isFolder
    /// It is a file where a folder was wanted.
    case notAFolder
    /// It is a pipe, socket or device, whose size is not known.
    case notARegularFile
    /// The file has `found` bytes now where `expected` were needed: it was cut short meanwhile.
    case shrank(expected: Int, found: Int)
    /// The disk or the quota is full.
    case diskFull
    /// The file system can only be read.
    case readOnly
    /// The process or the system has no descriptor left.
    case tooManyOpenFiles
    /// Any other refusal of the system.
    case system(Errno)
  }

  /// What was being done.
  public let action: Action
  /// Why it could not be done.
  public let reason: Reason
  /// The file or folder.
  public let path: FilePath

  /// An error from its facts.
  public init(_ action: Action, _ path: FilePath, _ reason: Reason) {
    self.action = action
    self.reason = reason
    self.path = path
  }

  /// An error from what the system answered.
  public init(_ action: Action, _ path: FilePath, errno: Errno) {
    self.init(action, path, Reason(errno))
  }
}

extension FileError.Reason {
  /// The reason that `errno` stands for.
  init(_ errno: Errno) {
    switch errno {
    case .noSuchFileOrDirectory: self = .notFound
    case .permissionDenied, .notPermitted: self = .notPermitted
    case .isDirectory: self = .isFolder
    case .notDirectory: self = .notAFolder
    case .noSpace, .diskQuotaExceeded: self = .diskFull
    case .readOnlyFileSystem: self = .readOnly
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem: self = .tooManyOpenFiles
    default: self = .system(errno)
    }
  }
}

extension FileError {
  /// Runs `body`, whose only errors are those of swift-system, and names the file in them.
  static func naming<Value: ~Copyable>(
    _ path: FilePath,
    _ action: Action,
    _ body: () throws -> Value
  ) throws(FileError) -> Value {
    do {
      return try body()
    } catch let errno as Errno {
      throw FileError(action, path, errno: errno)
    } catch {
      preconditionFailure("swift-system threw something other than Errno: \(error)")
    }
  }
}
