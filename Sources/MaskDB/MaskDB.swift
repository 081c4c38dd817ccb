@_exported public import ByteFormats
@_exported public import Checkpoints
@_exported public import MaskCatalog
@_exported public import MaskFiles
@_exported public import MaskIngest
@_exported public import MaskModel
@_exported public import MaskQuery
@_exported public import MaskReports
@_exported public import SystemPackage

/// The release of this package.
public enum MaskDBRelease {
  /// The version, after semver.org; the catalog's format has a number of its own.
  public static let version = "0.1.0"
}
