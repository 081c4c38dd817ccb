extension ZipArchive {
  /// Reads a member from its start on, inflating it where it is compressed.
  ///
  /// Holds what is asked for and, of a compressed member, a window. Who has read all of a member knows
  /// that it is as long as the directory says and fits its checksum.
  public struct Reader: ~Copyable, Sendable {
    private let member: Member
    private let file: ReadableFile
    private var inflater: Inflater?
    private var sum = CRC32()
    /// The bytes that are still to come.
    public private(set) var rest: Int

    fileprivate init(_ member: Member, _ file: ReadableFile) {
      self.member = member
      self.file = file
      rest = member.size
      inflater = member.isCompressed ? Inflater(member.range, of: file) : nil
    }

    /// The next `count` bytes, no more than `rest`.
    public mutating func read(_ count: Int) throws(Failure) -> [UInt8] {
      precondition(count <= rest, "the member ends before")
      let bytes = try next(count)
      sum.update(unsafe bytes.span.bytes)
      rest -= count
      if rest == 0 {
        try finish()
        guard sum.value == member.checksum else { throw .checksum(member: member.name) }
      }
      return bytes
    }

    private mutating func next(_ count: Int) throws(Failure) -> [UInt8] {
      do throws(Inflater.Failure) {
        if let bytes = try inflater?.read(count) { return bytes }
      } catch { throw fault(error) }
      let start = member.range.upperBound - rest
      return try ZipArchive.read(start..<start + count, of: file)
    }

    private mutating func finish() throws(Failure) {
      do throws(Inflater.Failure) { try inflater?.finish() } catch { throw fault(error) }
    }

    private func fault(_ failure: Inflater.Failure) -> Failure {
      switch failure {
      case .damaged: .checksum(member: member.name)
      case .file(let error): .file(error)
      }
    }
  }

  /// A reader of `member`.
  public func reader(of member: Member) -> Reader { Reader(member, file) }

  /// All bytes of `member`, once its checksum is right.
  public func bytes(of member: Member) throws(Failure) -> [UInt8] {
    var reader = reader(of: member)
    return try reader.read(member.size)
  }

  /// Reads all of `member` and compares its checksum; holds a mebibyte.
  public func check(_ member: Member) throws(Failure) {
    var reader = reader(of: member)
    repeat { _ = try reader.read(min(1 << 20, reader.rest)) } while reader.rest > 0
  }
}
