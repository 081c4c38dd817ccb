internal import CRoaring
internal import CZstd

/// The versions of the C libraries that are linked.
public enum LibraryVersions {
  /// zstd, such as `1.5.4`.
  public static var zstd: String { unsafe String(cString: ZSTD_versionString()) }

  /// CRoaring, such as `0.2.66`.
  public static var roaring: String {
    "\(ROARING_VERSION_MAJOR).\(ROARING_VERSION_MINOR).\(ROARING_VERSION_REVISION)"
  }
}
