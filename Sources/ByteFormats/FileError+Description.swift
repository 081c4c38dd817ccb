extension FileError: CustomStringConvertible {
  /// One sentence: the file, the reason and the way out.
  public var description: String { "cannot \(verb) '\(path)': \(reason)" }

  private var verb: String {
    switch action {
    case .list: "list the folder"
    case .replace: "put the new file in the place of"
    default: action.rawValue
    }
  }
}

extension FileError.Reason: CustomStringConvertible {
  /// The reason and the way out, as a clause.
  public var description: String {
    switch self {
    case .notFound: "nothing has that name; check the spelling and the current folder"
    case .notPermitted: "permission denied; check the owner and mode of it and its folder"
    case .isFolder: "it is a folder; name a file in it"
    case .notAFolder: "a part of the path is a file, not a folder; check the path"
    case .notARegularFile: "it is a pipe, socket or device; save it to a file first"
    case .shrank(let expected, let found):
      """
      it ends at byte \(found) where byte \(expected) is needed, so it was cut short; \
      wait until it is written whole, or copy it again
      """
    case .diskFull: "the disk or quota is full; free some space or choose another folder"
    case .readOnly: "the file system is read-only; choose another folder"
    case .tooManyOpenFiles: "too many files are open; raise the limit with `ulimit -n`"
    case .system(let errno): "\(errno)"
    }
  }
}
