/// What a selection finds.
public struct SelectedMasks: Sendable {
  /// The masks, each once and with its label.
  public let masks: [AskedMask]
  /// Those that were left out because there is a later step of the same run, or the same checkpoint.
  public let earlierSteps: [AskedMask]
}
