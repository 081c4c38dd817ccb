public import ByteFormats
public import SystemPackage

/// Why a checkpoint cannot be opened or read: facts only.
public struct CheckpointError: Error, Sendable, Hashable {
  /// The kinds that a program answers differently.
  public enum Kind: Sendable, Hashable {
    /// Nothing is there under that name.
    case notFound
    /// Something is there, but no checkpoint.
    case notACheckpoint
    /// A file breaks the rules of its format.
    case malformed
    /// The index names a file that is not there.
    case missingShard
    /// A checkpoint of a kind that has to be converted first.
    case unsupported
    /// The system refused to open or read a file.
    case io
    /// A file was overwritten or cut short since it was opened.
    case changedWhileReading
  }

  /// What is wrong.
  public enum Reason: Sendable, Hashable {
    /// Neither a file nor a folder, nor, where `cache` is not nil, a model in that cache.
    case notFound(cache: FilePath?)
    /// The cache has the model, but not this revision; those it has.
    case revisionNotFound(revision: String, cached: [String])
    /// More than one cached commit begins like that.
    case revisionAmbiguous(revision: String, matches: [String])
    /// The folder holds no weights; the folders below it that do.
    case noWeights(candidates: [String])
    /// The folder holds several safetensors files and no index that joins them.
    case noIndex(files: [String])
    /// The weights are in a form that has to be converted first.
    case foreign(ForeignFormat)
    /// A safetensors file is malformed.
    case safetensors(SafetensorsError)
    /// The file is not JSON.
    case notJSON(FormatError)
    /// The file is JSON, but no object.
    case notAnObject
    /// The index lacks an object `weight_map`.
    case noWeightMap
    /// The index gives a tensor something other than a file name.
    case shardNotText(tensor: String)
    /// The index gives a tensor a file outside the folder of the index.
    case shardOutside(tensor: String, shard: String)
    /// The index names a file that is not there, for this many tensors.
    case missingShard(shard: String, tensors: Int)
    /// The index gives a tensor a file that does not hold it.
    case tensorNotInShard(tensor: String, shard: String)
    /// A file of the index holds a tensor that the index does not give it.
    case tensorNotInIndex(tensor: String, shard: String)
    /// Two files of the index hold the same tensor.
    case tensorTwice(tensor: String, shards: [String])
    /// Two tensors have one name once the prefixes of wrappers are taken off.
    case namesCollide(name: String, storedNames: [String])
    /// The scales of an fp8 tensor do not fit it.
    case scalesDoNotFit(tensor: String, scales: String)
    /// What the file says of the run cannot be kept, with the reason.
    case flawedField(String)
    /// The system refused something.
    case file(FileError)
    /// The file is not the one that was opened.
    case changed
  }

  /// What is wrong.
  public let reason: Reason
  /// The file or folder, or the reference where it names neither.
  public let path: FilePath

  /// An error from its facts.
  public init(_ reason: Reason, path: FilePath) {
    self.reason = reason
    self.path = path
  }

  init(_ error: SafetensorsError) { self.init(.safetensors(error), path: error.path) }

  init(_ error: FileError) { self.init(.file(error), path: error.path) }
}

extension CheckpointError {
  /// How a program should answer.
  public var kind: Kind {
    switch reason {
    case .notFound, .revisionNotFound, .revisionAmbiguous: .notFound
    case .noWeights, .noIndex: .notACheckpoint
    case .foreign: .unsupported
    case .missingShard: .missingShard
    case .changed: .changedWhileReading
    case .file(let error): Kind(error)
    default: .malformed
    }
  }
}

extension CheckpointError.Kind {
  fileprivate init(_ error: FileError) {
    switch error.reason {
    case .notFound: self = .notFound
    case .shrank: self = .changedWhileReading
    default: self = .io
    }
  }
}
