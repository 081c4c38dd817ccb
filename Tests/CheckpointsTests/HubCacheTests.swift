import TestSupport
import ByteFormats
import Checkpoints
import SystemPackage
import Testing

@Suite struct HubCacheTests {
  let folder: TemporaryFolder
  let first = "1111aaaa" + String(repeating: "0", count: 32)
  let second = "1111bbbb" + String(repeating: "0", count: 32)

  /// A cache as `hf download` leaves it: two commits of one model, the second of them `main`.
  init() throws {
    folder = try TemporaryFolder()
    let model = "hub/models--org--tiny/"
    try folder.write(model + "blobs/one", SafetensorsBuilder.file(names: ["first"]))
    try folder.write(model + "blobs/two", SafetensorsBuilder.file(names: ["second"]))
    for (commit, blob) in [(first, "one"), (second, "two")] {
      try folder.link(model + "snapshots/\(commit)/model.safetensors", to: "../../blobs/\(blob)")
    }
    try folder.write(model + "refs/main", second)
    try folder.write(model + "refs/pr/1", first + "\n")
  }

  var environment: [String: String] { ["HF_HOME": folder.path.string] }

  func open(_ reference: String) throws(CheckpointError) -> Checkpoint {
    try Checkpoint(at: reference, environment: environment)
  }

  func refusal(of reference: String) -> CheckpointError.Reason? {
    do {
      _ = try open(reference)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func `opens the main branch`() throws {
    let checkpoint = try open("org/tiny")
    #expect(checkpoint.tensors.map(\.name) == ["second"])
    #expect(checkpoint.location.hub?.id == "org/tiny")
    #expect(checkpoint.location.hub?.commit == second)
    #expect(checkpoint.location.hub?.requested == nil)
    #expect(checkpoint.fingerprint.files.map(\.path.lastComponent) == ["two"])
  }

  @Test func `opens a branch, a commit and the beginning of one`() throws {
    for revision in ["pr/1", first, "1111a"] {
      let checkpoint = try open("org/tiny@\(revision)")
      #expect(checkpoint.tensors.map(\.name) == ["first"])
      #expect(checkpoint.location.hub?.requested == revision)
    }
  }

  @Test func `says which revisions there are`() {
    #expect(
      refusal(of: "org/tiny@dev") == .revisionNotFound(revision: "dev", cached: [first, second])
    )
    #expect(
      refusal(of: "org/tiny@1111")
        == .revisionAmbiguous(revision: "1111", matches: [first, second])
    )
  }

  @Test func `does not take another commit for a branch that was not downloaded`() throws {
    try folder.write("hub/models--org--half/refs/main", second)
    let snapshot = "hub/models--org--half/snapshots/\(first)/model.safetensors"
    try folder.write(snapshot, SafetensorsBuilder.file(names: ["w"]))
    #expect(refusal(of: "org/half") == .revisionNotFound(revision: second, cached: [first]))
  }

  @Test func `says which cache lacks the model`() {
    let cache = folder.path.appending("hub")
    #expect(refusal(of: "org/huge") == .notFound(cache: cache))
    #expect(refusal(of: "gpt2") == .notFound(cache: cache))
    #expect(refusal(of: "org/tiny/sub") == .notFound(cache: nil))
  }

  @Test(arguments: ["org/tiny@../../x", "../tiny", "org/tiny@", "org/tiny@a/../b", "/org/tiny"])
  func `no reference leads out of the cache`(reference: String) {
    #expect(refusal(of: reference) == .notFound(cache: nil))
  }

  @Test func `takes the only commit where there is no branch`() throws {
    let snapshot = "hub/models--org--lone/snapshots/\(first)/model.safetensors"
    try folder.write(snapshot, SafetensorsBuilder.file(names: ["w"]))
    #expect(try open("org/lone").location.hub?.commit == first)
  }

  @Test func `looks where huggingface_hub does`() {
    func opens(_ environment: [String: String]) -> Bool {
      (try? Checkpoint(at: "org/tiny", environment: environment)) != nil
    }
    let path = folder.path.string
    #expect(opens(["HF_HUB_CACHE": path + "/hub", "HF_HOME": "/absent"]))
    #expect(opens(["HF_HOME": path, "HOME": "/absent"]))
    #expect(opens(["HF_HOME": "~/.", "HOME": path]))
    #expect(!opens(["HOME": path]))
    #expect(!opens([:]))
  }

  @Test func `looks below the home last`() throws {
    let file = ".cache/huggingface/hub/models--org--home/snapshots/\(first)/model.safetensors"
    try folder.write(file, SafetensorsBuilder.file(names: ["w"]))
    let checkpoint = try Checkpoint(at: "org/home", environment: ["HOME": folder.path.string])
    #expect(checkpoint.tensors.count == 1)
  }

  @Test func `a path that exists wins`() throws {
    try folder.write("org/tiny/model.safetensors", SafetensorsBuilder.file(names: ["local"]))
    let checkpoint = try open(folder.path.pushing("org/tiny").string)
    #expect(checkpoint.tensors.map(\.name) == ["local"])
    #expect(checkpoint.location.hub == nil)
  }
}
