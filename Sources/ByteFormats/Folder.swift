public import SystemPackage

/// Looks at names in the file system.
///
/// Nothing here opens a file.
public enum Folder {
  /// The names in the folder at `path` in the order of their bytes, without `.` and `..`.
  ///
  /// The corresponding C function is `readdir`.
  public static func names(in path: FilePath) throws(FileError) -> [String] {
    do throws(Errno) {
      return try SystemCalls.names(in: path).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw FileError(.list, path, errno: error)
    }
  }

  /// The absolute path behind symbolic links, `.` and `..`.
  ///
  /// The corresponding C function is `realpath`.
  public static func resolve(_ path: FilePath) throws(FileError) -> FilePath {
    do throws(Errno) {
      return try SystemCalls.resolve(path)
    } catch {
      throw FileError(.inspect, path, errno: error)
    }
  }

  /// Throws where no file can be made in the folder at `path`.
  ///
  /// The corresponding C function is `access`.
  public static func checkWritable(_ path: FilePath) throws(FileError) {
    do throws(Errno) {
      try SystemCalls.checkWritable(path)
    } catch {
      throw FileError(.create, path, errno: error)
    }
  }

  /// What kind of thing has that name; nil where nothing has or the way to it is barred.
  public static func kind(of path: FilePath) -> FileStatus.Kind? {
    (try? FileStatus(of: path))?.kind
  }
}
