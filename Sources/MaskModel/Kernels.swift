internal import CMaskKernels

/// The hot loops of CMaskKernels, over words in memory.
public enum Kernels {
  /// The kernel in use: `scalar`, `avx2`, `avx512` or `neon`.
  public static var name: String { unsafe String(cString: mk_kernel()) }

  /// The value of `MASKDB_KERNEL` where it names no kernel that this CPU can run, else nil.
  public static var refused: String? {
    guard let text = unsafe mk_kernel_refused() else { return nil }
    return unsafe String(cString: text)
  }

  /// The kernels that this CPU can run, best first.
  public static var available: [String] {
    var names: [String] = []
    guard var entry = unsafe mk_kernels_available() else { return [] }
    while let name = unsafe entry.pointee {
      unsafe names.append(String(cString: name))
      unsafe entry += 1
    }
    return names
  }

  /// The set bits of `words`.
  public static func count(_ words: Span<UInt64>) -> Int {
    unsafe words.withUnsafeBufferPointer { unsafe Int(mk_count($0.baseAddress, $0.count)) }
  }
}
