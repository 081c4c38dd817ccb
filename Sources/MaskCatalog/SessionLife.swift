internal import ByteFormats
internal import Synchronization

/// The sign that a session of this process is at work: it lasts as long as the session's value does.
final class SessionLife: Sendable {
  private struct Key: Hashable {
    let file: FileStatus.Identity?
    let id: Int64

    init(_ id: Int64, _ catalog: Catalog) {
      file = (try? FileStatus(of: catalog.path))?.identity
      self.id = id
    }
  }

  private static let living = Mutex<Set<Key>>([])

  private static let starting = Mutex<Void>(())

  /// Calls `body`, which starts a session, while no other task of this process starts one: a session
  /// that is not living yet would be taken for dead.
  static func starting<Failure: Error>(
    _ body: () throws(Failure) -> IngestSession
  ) throws(Failure) -> IngestSession {
    try starting.withLock { _ throws(Failure) in try body() }
  }

  private let key: Key

  init(of id: Int64, in catalog: Catalog) {
    let key = Key(id, catalog)
    self.key = key
    _ = Self.living.withLock { $0.insert(key) }
  }

  deinit { _ = Self.living.withLock { $0.remove(key) } }

  static func isAlive(_ id: Int64, in catalog: Catalog) -> Bool {
    let key = Key(id, catalog)
    return living.withLock { $0.contains(key) }
  }
}
