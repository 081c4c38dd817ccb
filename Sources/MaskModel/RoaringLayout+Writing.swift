internal import ByteFormats

extension RoaringLayout {
  /// The layout of a bitmap whose containers have these keys and shapes, each as short as it gets.
  ///
  /// - Parameter shapes: keys rising, none empty.
  package init(placing shapes: [(key: UInt16, shape: RoaringShape)]) {
    let hasRuns = shapes.contains { $0.shape.kind == .run }
    var end = RoaringHeader(count: shapes.count, hasRuns: hasRuns).byteCount
    containers = shapes.map { key, shape in
      let payload = end..<end + shape.byteCount
      end = payload.upperBound
      return RoaringContainer(
        key: key,
        kind: shape.kind,
        cardinality: shape.cardinality,
        payload: payload
      )
    }
    byteCount = end
  }

  /// The bytes before the first container's.
  package var headerBytes: [UInt8] {
    let hasRuns = containers.contains { $0.kind == .run }
    let header = RoaringHeader(count: containers.count, hasRuns: hasRuns)
    var writer = ByteWriter(capacity: header.byteCount)
    hasRuns ? writeRunPrefix(to: &writer) : writePlainPrefix(to: &writer)
    for container in containers {
      writer.append(container.key)
      writer.append(UInt16(container.cardinality - 1))
    }
    guard header.hasOffsets else { return writer.bytes }
    for container in containers { writer.append(UInt32(container.payload.lowerBound)) }
    return writer.bytes
  }

  private func writePlainPrefix(to writer: inout ByteWriter) {
    writer.append(RoaringFormat.plainCookie)
    writer.append(UInt32(containers.count))
  }

  private func writeRunPrefix(to writer: inout ByteWriter) {
    writer.append(RoaringFormat.runCookie)
    writer.append(UInt16(containers.count - 1))
    var flags = [UInt8](repeating: 0, count: (containers.count + 7) / 8)
    for (index, container) in containers.enumerated() where container.kind == .run {
      flags[index / 8] |= 1 << (index % 8)
    }
    writer.append(contentsOf: flags)
  }
}
