/// The layer that a tensor belongs to: its number, and the stack of layers that it numbers.
///
/// `model.layers.12.mlp.up_proj.weight` is layer 12 of `model.layers`. A model with two towers has
/// two stacks.
public struct LayerIndex: Sendable, Hashable {
  /// The name up to the number.
  public let stack: String
  /// The number.
  public let number: Int

  /// The layer that the tensor named `name` belongs to, nil for embeddings, heads and the like.
  ///
  /// It is the first whole number that follows a component `layers`, `layer`, `h`, `blocks` or
  /// `block`.
  public init?(tensor name: String) {
    let components = name.split(separator: ".")
    let place = components.indices.dropLast().first { index in
      Self.stacks.contains(String(components[index])) && Self.number(components[index + 1]) != nil
    }
    guard let place, let number = Self.number(components[place + 1]) else { return nil }
    stack = components[...place].joined(separator: ".")
    self.number = number
  }

  private static let stacks: Set<String> = ["layers", "layer", "h", "blocks", "block"]

  private static func number(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}
