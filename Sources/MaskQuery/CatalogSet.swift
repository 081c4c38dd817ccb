public import MaskCatalog
internal import MaskModel

/// The catalogs that one question is put to.
///
/// A mask that several of them have, of a run of one name and content, is one mask; runs of two names
/// are two, whatever their bits, as they are within a catalog. Where they have different masks of one
/// name, a reference says which with the catalog before a colon, as in `lab.maskdb:grpo-s0` or
/// `lab:grpo-s0`, and so do the labels of an answer.
public struct CatalogSet: Sendable {
  /// The catalogs, in the order in which they were named.
  public let catalogs: [Catalog]
  /// What a reference may begin with to mean each of them; the shortest first.
  let qualifiers: [[String]]
  /// The masks of each, by the name of the run.
  let masks: [[AskedMask]]

  /// The masks of `catalogs`, which are different files.
  ///
  /// Reads what is recorded of every mask, and no segment.
  public init(_ catalogs: [Catalog]) throws {
    self.catalogs = catalogs
    qualifiers = Self.qualifiers(catalogs.map { "\($0.path)" })
    masks = try catalogs.map { catalog in
      let (records, skipped) = try catalog.inOneRead {
        let records = try catalog.masks()
        return (records, try catalog.skippedTensors(of: records))
      }
      return records.map {
        AskedMask($0, in: catalog, skipped: skipped[$0.id] ?? [])
      }
    }
  }

  /// Every mask once, by the name of the run.
  public var all: [AskedMask] { distinct(sorted(masks.flatMap(\.self))) }

  /// For each path: the file's name without its extension, its name, and the path, without those
  /// that would mean two.
  static func qualifiers(_ paths: [String]) -> [[String]] {
    let names = paths.map { path in
      let name = String(path.split(separator: "/").last ?? "")
      let stem = name.split(separator: ".").first.map(String.init) ?? name
      return [stem, name, path].reduce(into: [String]()) { names, name in
        if !names.contains(name) { names.append(name) }
      }
    }
    return zip(names, paths).map { own, path in
      own.filter { name in
        !name.isEmpty && (name == path || names.count { $0.contains(name) } == 1)
      }
    }
  }
}

extension CatalogSet {
  /// `masks` by the name of the run, where that is equal in their order.
  func sorted(_ masks: [AskedMask]) -> [AskedMask] {
    guard catalogs.count > 1 else { return masks }
    return masks.enumerated().sorted { left, right in
      let (a, b) = (left.element.summary.run, right.element.summary.run)
      return a == b ? left.offset < right.offset : NaturalOrder.precedes(a, b)
    }.map(\.element)
  }

  /// `reference` without the catalog before its colon, and the shelves that it means.
  func split(_ reference: String, among shelves: [Shelf]) -> (String, [Shelf]) {
    for (shelf, names) in zip(shelves, qualifiers) {
      for name in names where reference.hasPrefix(name + ":") {
        return (String(reference.dropFirst(name.count + 1)), [shelf])
      }
    }
    return (reference, shelves)
  }

  /// `found` with equal masks put together, and with labels that differ.
  ///
  /// Masks are equal where name and content of the run, base, definition and bits are; what the first
  /// says of the run counts.
  func distinct(_ found: [AskedMask]) -> [AskedMask] {
    var places: [MaskIdentity: Int] = [:]
    var kept: [AskedMask] = []
    for mask in found {
      let identity = MaskIdentity(mask)
      if let identity, let place = places[identity], kept[place].note(mask.places) { continue }
      if let identity { places[identity] = kept.count }
      kept.append(mask)
    }
    return labelled(kept)
  }

  /// `masks` with the catalog before the names of runs that mean more than one.
  private func labelled(_ masks: [AskedMask]) -> [AskedMask] {
    let byRun = Dictionary(grouping: masks) { $0.summary.run }
    return masks.map { mask in
      let others = byRun[mask.summary.run] ?? []
      let isOneRun = Set(others.map { MaskIdentity.ofRun($0) }).count == 1
      let isOneName = others.count { $0.id == mask.id } == 1
      return isOneRun && isOneName ? mask : qualified(mask)
    }
  }

  private func qualified(_ mask: AskedMask) -> AskedMask {
    guard let name = name(of: mask) else { return mask }
    var mask = mask
    mask.summary.run = "\(name):\(mask.summary.run)"
    mask.summary.id = "\(name):\(mask.summary.id)"
    return mask
  }

  /// What the catalog of `mask` is called in a reference.
  func name(of mask: AskedMask) -> String? {
    guard let path = mask.places.first?.catalog.path,
      let catalog = catalogs.firstIndex(where: { $0.path == path })
    else { return nil }
    return qualifiers[catalog].first
  }
}

extension AskedMask {
  /// Notes that the mask is stored at `others`, too; false where that is another row of a catalog
  /// that has it already.
  fileprivate mutating func note(_ others: [StoredPlace]) -> Bool {
    for other in others {
      let known = places.first { $0.catalog.path == other.catalog.path }
      guard known == nil || known?.record.id == other.record.id else { return false }
      if known == nil { places.append(other) }
    }
    return true
  }
}

/// What makes two stored masks the same mask.
struct MaskIdentity: Hashable {
  private let run: [String]
  private let definition: RecordedDefinition
  private let digest: String

  /// Nil for a mask that is not stored.
  init?(_ mask: AskedMask) {
    guard let record = mask.places.first?.record else { return nil }
    run = [record.run.name, record.run.digest, record.run.base.digest]
    definition = record.definition
    digest = record.digest
  }

  /// What makes the runs of two stored masks, if they have one name, the same run.
  static func ofRun(_ mask: AskedMask) -> [String] {
    mask.places.first.map { [$0.record.run.digest, $0.record.run.base.digest] } ?? [mask.id]
  }
}
