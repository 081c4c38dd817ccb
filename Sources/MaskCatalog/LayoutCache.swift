internal import Foundation
internal import MaskModel
internal import Synchronization

/// The layouts that were read last, so that the masks of a question share one.
///
/// A layout is found by its digest, so the cache is right whatever happens to the catalog.
final class LayoutCache: Sendable {
  /// The cache of the process.
  static let shared = LayoutCache()

  private static let capacity = 4
  private let known = Mutex<[(digest: Data, layout: ModelLayout)]>([])

  /// The layout with `digest`, else what `read` gives, which is kept where it has that digest.
  func layout(_ digest: Data, orElse read: () throws -> ModelLayout) rethrows -> ModelLayout {
    if let found = known.withLock({ known in known.first { $0.digest == digest }?.layout }) {
      return found
    }
    let layout = try read()
    guard layout.digest.blob == digest else { return layout }
    known.withLock { known in
      known.append((digest, layout))
      if known.count > Self.capacity { known.removeFirst() }
    }
    return layout
  }
}
