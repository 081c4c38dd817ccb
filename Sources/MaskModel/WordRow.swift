package import ByteFormats

/// A row of words in a box, for arrays and dictionaries hold no noncopyable values as yet.
package final class WordRow {
  package var words: WordBuffer

  /// A row of a segment, in memory of its own or of others.
  package init(in memory: ScratchMemory = ScratchMemory()) { words = WordBuffer(in: memory) }
}
