internal import ByteFormats
internal import SystemPackage

/// What a Trainer was told, as transformers and TRL keep it in `training_args.bin`.
///
/// The file is a pickle of `torch.save`. It is read and not run: names, calls and objects in it stay what
/// they are, and only the plain attributes of its one object are looked at.
struct TrainingArguments {
  /// The class of the object, without its module, such as `GRPOConfig`.
  let className: String
  private let pickle: Pickle
  private let attributes: [String: PickleValue]

  /// Why a file does not tell.
  struct Failure: Error {
    let reason: String
  }

  /// The longest pickle that is read; those of TRL 1 have some 6 KB.
  private static let limit = 1 << 24

  /// Reads the file at `path`.
  init(_ path: FilePath) throws(Failure) {
    do {
      let zip = try ZipArchive(at: path)
      guard let member = zip.members.first(where: { $0.name.hasSuffix("/data.pkl") }),
        member.size <= Self.limit
      else { throw Failure(reason: "it holds no pickle of torch.save") }
      pickle = try PickleMachine.read(try zip.bytes(of: member), allowing: .any)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(reason: "\(error)")
    }
    guard let object = pickle.call(of: pickle.root), let state = pickle.state(of: pickle.root),
      let members = pickle.members(of: state)
    else { throw Failure(reason: "it holds no object with attributes") }
    // An object is made by its class, or by a function of copyreg that is given the class.
    var name = object.function
    if name.hasPrefix("copyreg."), case .global(let given)? = object.arguments.first {
      name = given
    }
    className = name.split(separator: ".").last.map(String.init) ?? ""
    attributes = Dictionary(members.compactMap { key, value in key.text.map { ($0, value) } }) {
      $1
    }
  }

  /// The attribute `name` as Python prints it: a text, a number or the value of an enumeration; nil for
  /// None and for anything else.
  subscript(name: String) -> String? {
    switch attributes[name] {
    case .text(let text): text
    case .integer(let number): "\(number)"
    case .float(let number): "\(number)"
    case .call(let place): enumerated(.call(place))
    default: nil
    }
  }

  /// Members of an enumeration are made by its class from their value.
  private func enumerated(_ value: PickleValue) -> String? {
    guard let call = pickle.call(of: value), call.arguments.count == 1 else { return nil }
    return call.arguments[0].text
  }
}
