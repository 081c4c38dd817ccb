extension ZipArchive.Failure: CustomStringConvertible {
  /// The reason, as a clause about the file.
  public var description: String {
    switch self {
    case .noDirectory: "it is no zip archive, or was cut short"
    case .damaged(nil): "the directory of the archive is damaged"
    case .damaged(let member?): "the directory of the archive is damaged at '\(member)'"
    case .compressed(let member):
      "its member '\(member)' is encrypted or compressed, otherwise than numpy.savez_compressed does it; "
        + "save it again with numpy or torch"
    case .twice(let member): "it has two members '\(member)'"
    case .checksum(let member):
      "the bytes of its member '\(member)' do not fit their size or checksum"
    case .file(let error): "\(error)"
    }
  }
}
