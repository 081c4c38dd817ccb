import ByteFormats

/// Portable roaring bytes made by hand, right or wrong.
enum HandMade {
  struct Container {
    var key: UInt16 = 0
    var cardinality: Int
    var isRun = false
    var payload: [UInt8]

    static func array(key: UInt16 = 0, _ values: [UInt16]) -> Container {
      Container(key: key, cardinality: values.count, payload: bytes(values))
    }

    /// Runs of (first, length - 1).
    static func runs(
      key: UInt16 = 0,
      _ runs: [(UInt16, UInt16)],
      cardinality: Int? = nil
    )
      -> Container
    {
      Container(
        key: key,
        cardinality: cardinality ?? runs.reduce(0) { $0 + Int($1.1) + 1 },
        isRun: true,
        payload: bytes([UInt16(runs.count)] + runs.flatMap { [$0.0, $0.1] })
      )
    }

    /// The first `bits` bits set.
    static func bitset(key: UInt16 = 0, declaring cardinality: Int, bits: Int) -> Container {
      let payload = (0..<8192).map { byte in
        UInt8(truncatingIfNeeded: (1 << max(0, min(8, bits - byte * 8))) - 1)
      }
      return Container(key: key, cardinality: cardinality, payload: payload)
    }
  }

  /// A bitmap without flags for runs.
  static func plain(_ containers: [Container]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(UInt32(12346))
    writer.append(UInt32(containers.count))
    return writer.bytes + rest(containers, hasOffsets: true, after: 8)
  }

  /// A bitmap with flags for runs.
  static func withRuns(_ containers: [Container]) -> [UInt8] {
    var flags = [UInt8](repeating: 0, count: (containers.count + 7) / 8)
    for (index, container) in containers.enumerated() where container.isRun {
      flags[index / 8] |= 1 << (index % 8)
    }
    let head = bytes([12347, UInt16(containers.count - 1)]) + flags
    return head + rest(containers, hasOffsets: containers.count >= 4, after: head.count)
  }

  static func bytes(_ values: [UInt16]) -> [UInt8] {
    values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
  }

  private static func rest(
    _ containers: [Container],
    hasOffsets: Bool,
    after start: Int
  ) -> [UInt8] {
    var writer = ByteWriter()
    for container in containers {
      writer.append(container.key)
      writer.append(UInt16(container.cardinality - 1))
    }
    var offset = start + containers.count * (hasOffsets ? 8 : 4)
    for container in containers where hasOffsets {
      writer.append(UInt32(offset))
      offset += container.payload.count
    }
    for container in containers { writer.append(contentsOf: container.payload) }
    return writer.bytes
  }
}
