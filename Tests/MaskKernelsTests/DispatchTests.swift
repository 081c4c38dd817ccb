import CMaskKernels
import Foundation
import Testing

@Suite struct DispatchTests {
  @Test func `the kernel in use is one that this CPU can run`() {
    #expect(Kernel.all.map(\.name).contains(String(cString: mk_kernel())))
    #expect(Kernel.all.last?.name == "scalar")
  }

  @Test func `an unknown kernel has no table`() {
    #expect(mk_table_named("sse9") == nil)
    #expect(mk_table_named("") == nil)
  }

  @Test func `the exported functions are those of the chosen table`() {
    var random = Random(16)
    let bits = random.words(100)
    #expect(mk_count(bits, 100) == Kernel.scalar.table.count(bits, 100))
  }

  @Test func `MASKDB_KERNEL forces a kernel, and a refused one is named`() async {
    await #expect(processExitsWith: .success) {
      setenv("MASKDB_KERNEL", "scalar", 1)
      precondition(String(cString: mk_kernel()) == "scalar")
      precondition(mk_kernel_refused() == nil)
    }
    await #expect(processExitsWith: .success) {
      setenv("MASKDB_KERNEL", "sse9", 1)
      precondition(mk_kernel_refused().map { String(cString: $0) } == "sse9")
      precondition(mk_table_named(mk_kernel()) != nil)
    }
    await #expect(processExitsWith: .success) {
      setenv("MASKDB_KERNEL", "", 1)
      precondition(mk_kernel_refused() == nil)
    }
  }
}
