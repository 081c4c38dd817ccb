internal import ByteFormats

extension SafetensorsError: CustomStringConvertible {
  /// One sentence: the file, the reason and the way out.
  public var description: String {
    let place =
      tensor.map {
        ", tensor '\($0.split(separator: "\0", omittingEmptySubsequences: false).joined(separator: "\\0"))'"
      } ?? ""
    return "'\(path)'\(place): \(reason)"
  }
}

extension SafetensorsError.Reason: CustomStringConvertible {
  /// The reason and the way out, as a clause.
  public var description: String {
    switch self {
    case .lookalike(let kind): "\(kind)"
    case .noHeaderLength, .headerBeyondEnd, .dataBeyondEnd:
      "\(problem); it was cut short: copy or download it again"
    case .notNormalized: "\(problem); rename the tensor"
    case .headerTooLong, .noBrace: "\(problem); this is no safetensors file"
    default: "\(problem); the file is damaged or hostile: write it again with safetensors"
    }
  }

  private var problem: String {
    switch self {
    case .noHeaderLength(let size): "only \(size, of: "byte") long"
    case .headerTooLong(let length):
      "claims a header of \(length) bytes, where 100000000 are the most allowed"
    case .headerBeyondEnd(let length, let size):
      "claims a header of \(length) bytes, but has only \(size, of: "byte") in all"
    case .dataBeyondEnd(let needed, let found):
      "its tensors take \(needed, of: "byte"), of which it has \(found)"
    case .noBrace: "its header does not begin with '{'"
    case .header(let error): "its header is not valid JSON (\(error))"
    case .trailingBytes(let count): "it goes on for \(count, of: "byte") after the last tensor"
    case .metadataNotText(let key?): "the metadata '\(key)' is not text"
    case .metadataNotText: "its metadata is not an object"
    default: tensorProblem
    }
  }

  private var tensorProblem: String {
    switch self {
    case .missingField(let field): "'\(field)' is missing or of the wrong type"
    case .notNormalized: "the name is not in Unicode normal form C, as names in Python are"
    case .nulInName: "the name has the character U+0000"
    case .unknownType(let type): "the type '\(type)' is unknown"
    case .invalidShape: "the shape is not a list of counts"
    case .invalidOffsets: "the byte range is not a pair of rising offsets"
    case .sizeOverflow: "the shape has more elements than can be counted"
    case .notWholeBytes: "the elements do not fill whole bytes"
    case .sizeMismatch(let expected, let found):
      "shape and type take \(expected, of: "byte"), the byte range \(found)"
    case .hole(let from, let to): "bytes \(from) to \(to) of the data belong to no tensor"
    case .overlap(let other): "it shares bytes with '\(other)'"
    default: ""
    }
  }
}

extension SafetensorsError.Lookalike: CustomStringConvertible {
  /// What the file is and the way out, as a clause.
  public var description: String {
    switch self {
    case .emptyFile: "the file is empty; copy or download it again"
    case .gitLFSPointer:
      "this is the pointer that git stores for a large file; run `git lfs pull` in its folder"
    case .webPage: "this is a web page, probably an error message; download the file again"
    case .pickle, .torchArchive:
      "this is a file of torch.save with the wrong name; \(ForeignFormat.torchPickle)"
    case .gguf: "this is a GGUF file with the wrong name; \(ForeignFormat.gguf)"
    case .hdf5: "this is an HDF5 file with the wrong name; \(ForeignFormat.otherFramework)"
    }
  }
}
