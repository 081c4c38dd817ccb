import MaskModel
import Testing

struct BinadeProfileTests {
  @Test func `a profile has the counts that it was made of`() {
    var all = [Int](repeating: 0, count: 256)
    #expect(BinadeProfile(all).all == all)
    #expect(BinadeProfile(all).fields.isEmpty)
    for (field, count) in [(0, 3), (17, 1 << 40), (255, 9)] {
      all[field] = count
      #expect(BinadeProfile(all).all == all)
    }
    all[0] = 0
    #expect(BinadeProfile(all).fields == 17..<256)
    #expect(BinadeProfile(all).total == (1 << 40) + 9)
  }

  @Test func `zeros at either end make no difference`() {
    #expect(BinadeProfile([0, 5, 0, 0]) == BinadeProfile([0, 5]))
    #expect(BinadeProfile([5]) != BinadeProfile([0, 5]))
    #expect(BinadeProfile([0, 5])[200] == 0)
  }

  @Test func `a sum that overflows is none`() {
    #expect(BinadeProfile([.max, 1]).total == nil)
  }
}
