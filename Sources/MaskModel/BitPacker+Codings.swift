internal import ByteFormats
internal import CMaskKernels

extension BitPacker {
  /// One frame of the byte gaps of the rarer bits.
  mutating func packGaps(_ task: PackingTask, below limit: Int) -> PackedBits? {
    let source = unsafe rarer(task)
    let out = unsafe gaps.memory
    let size = unsafe mk_gaps_encode(
      source.baseAddress,
      source.count,
      out.bindMemory(to: UInt8.self).baseAddress,
      out.count
    )
    guard size <= out.count, size >= 0 else { return nil }
    let frame = unsafe entropy.compress(
      UnsafeRawBufferPointer(rebasing: out[..<size]),
      below: limit
    )
    return frame.map {
      PackedBits(coding: unsafe task.isDense ? .complementGaps : .gaps, bytes: $0)
    }
  }

  /// Which bytes are not zero, and those bytes, of the rarer bits.
  mutating func packSparse(_ task: PackingTask, below limit: Int) -> PackedBits? {
    let source = unsafe rarer(task)
    let out = unsafe bytes.memory
    let mapWords = unsafe map.withMutableWords { unsafe $0 }
    let size = unsafe mk_bytes_split(
      source.baseAddress,
      source.count,
      mapWords.baseAddress,
      out.bindMemory(to: UInt8.self).baseAddress
    )
    let found = unsafe UnsafeRawBufferPointer(rebasing: out[..<size])
    let rest = unsafe entropy.compress(found, below: Self.worthPacking(size)).map {
      PackedBits(coding: .packed, bytes: $0)
    }
    let second = unsafe rest ?? PackedBits(coding: .raw, bytes: [UInt8](found))
    guard second.bytes.count < limit else { return nil }
    let positions = unsafe task.raw.count
    let used = SegmentGrid.words(for: positions)
    let first = unsafe pack(
      UnsafeBufferPointer(rebasing: mapWords[..<used]),
      count: size,
      positions: positions,
      isPart: true
    )
    return PackedBits(coding: unsafe task.isDense ? .complementSparse : .sparse, first, second)
  }

  /// Words joined in pairs, with what tells the words of a pair apart, of the rarer bits.
  mutating func packFolded(_ task: PackingTask, below limit: Int) -> PackedBits? {
    let coding: SegmentCoding = unsafe task.isDense ? .complementFolded : .folded
    let packed = unsafe fold(rarer(task), as: coding)
    return packed.bytes.count < limit ? packed : nil
  }

  private mutating func fold(
    _ words: UnsafeBufferPointer<UInt64>,
    as coding: SegmentCoding,
    depth: Int = 0
  ) -> PackedBits {
    let any = unsafe folds.any(depth: depth, words: words.count)
    let (both, first) = unsafe (folds.both, folds.first)
    unsafe mk_fold(
      words.baseAddress,
      words.count,
      any.baseAddress,
      both.baseAddress,
      first.baseAddress
    )
    let ones = unsafe Int(mk_count(any.baseAddress, any.count))
    // The outer fold's streams are packed before the inner one takes their room.
    let second = unsafe part(both, of: ones)
    let twos = unsafe Int(mk_count(both.baseAddress, SegmentGrid.words(for: ones)))
    let third = unsafe part(first, of: ones - twos)
    let isFolded = depth + 1 < FoldBuffer.deepest && isWorthFolding(ones, of: any.count * 64)
    let joined =
      unsafe isFolded
      ? fold(UnsafeBufferPointer(any), as: .folded, depth: depth + 1)
      : unsafe part(any, of: any.count * 64)
    return PackedBits(coding: coding, joined, second, third)
  }

  private mutating func part(
    _ words: UnsafeMutableBufferPointer<UInt64>,
    of positions: Int
  ) -> PackedBits {
    let used = unsafe UnsafeBufferPointer(rebasing: words[..<SegmentGrid.words(for: positions)])
    let count = unsafe Int(mk_count(used.baseAddress, used.count))
    return unsafe pack(used, count: count, positions: positions, isPart: true)
  }

  /// One frame of the lengths of runs, where they are few.
  mutating func packRuns(_ task: PackingTask, below limit: Int) -> PackedBits? {
    guard unsafe task.edges < task.positions / 8 else { return nil }
    let lengths = unsafe RunLengths.bytes(of: task.words, positions: task.positions)
    let frame = unsafe lengths.withUnsafeBytes { unsafe repeats.compress($0, below: limit) }
    return frame.map { PackedBits(coding: .runs, bytes: $0) }
  }

  /// The gaps of the rarer bits without a table, which costs much of a few bits.
  mutating func packGolomb(_ task: PackingTask, below limit: Int) -> PackedBits? {
    let source = unsafe rarer(task)
    let bytes = unsafe GolombBits.bytes(
      of: source,
      count: task.isDense ? task.positions - task.count : task.count,
      positions: task.positions,
      below: limit
    )
    return bytes.map {
      PackedBits(coding: unsafe task.isDense ? .complementGolomb : .golomb, bytes: $0)
    }
  }

  /// The bits or their complement, whichever has fewer set.
  private mutating func rarer(_ task: PackingTask) -> UnsafeBufferPointer<UInt64> {
    guard unsafe task.isDense else { return unsafe task.words }
    let target = unsafe complement.withMutableWords { unsafe $0 }
    unsafe SegmentBits.complement(task.words, into: target, positions: task.positions)
    return unsafe UnsafeBufferPointer(rebasing: target[..<task.words.count])
  }
}

extension WordBuffer {
  /// The memory of the row, which stays where it is for as long as the row lives.
  var memory: UnsafeMutableRawBufferPointer {
    mutating get { unsafe withMutableWords { UnsafeMutableRawBufferPointer($0) } }
  }
}
