internal import ByteFormats

/// What one task that reads masks keeps from one segment to the next: the references of a tile's masks,
/// each decoded once however many masks are coded against it, and memory to decode in.
///
/// A tile is one segment of one tensor: who reads many masks reads them tile by tile, with one context
/// for all. For one task at a time. Holds at most 16 rows of 512 KiB of references, which it forgets when
/// asked for another tile, the rows that masks compute in, and the 5 MiB of a decoder; all of it is
/// taken when it is first needed.
public final class ReadContext {
  /// A decoded segment of a mask.
  package struct Reference {
    package let row: WordRow
    /// The set bits.
    package let count: Int
  }

  /// Which mask of which catalog.
  package struct Key: Hashable {
    let catalog: String
    let mask: Int64

    package init(catalog: String, mask: Int64) {
      self.catalog = catalog
      self.mask = mask
    }
  }

  package var decoder: SegmentDecoder
  private let memory: ScratchMemory
  private static let capacity = 16
  private var tile = (ordinal: -1, number: -1)
  private var references: [Key: Reference] = [:]
  private var idle: [WordRow] = []

  /// An empty context.
  public init() {
    memory = ScratchMemory(chunkSize: SegmentDecoder.byteCount)
    decoder = SegmentDecoder(in: memory)
  }

  /// Forgets the references of every tile but this.
  package func turn(toTensor ordinal: Int, segment number: Int) {
    guard tile != (ordinal, number) else { return }
    tile = (ordinal, number)
    idle += references.values.map(\.row)
    references = [:]
  }

  /// The segment of a mask in this tile, where it was decoded.
  package subscript(key: Key) -> Reference? { references[key] }

  /// Keeps what `decode` writes, of which it returns the set bits, as the segment of a mask, unless it
  /// throws or there are too many.
  package func keep(_ key: Key, _ decode: (WordRow) throws -> Int) throws -> Reference {
    let row = takeRow()
    do {
      let reference = Reference(row: row, count: try decode(row))
      if references.count < Self.capacity { references[key] = reference }
      return reference
    } catch {
      give([row])
      throw error
    }
  }

  /// A row of any bits, until it is given back.
  package func takeRow() -> WordRow { idle.popLast() ?? WordRow(in: memory) }

  /// Takes rows back.
  package func give(_ rows: [WordRow]) { idle += rows }
}
