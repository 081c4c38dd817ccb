/// A row of words in a box, for arrays and dictionaries hold no noncopyable values as yet.
package final class WordRow {
  package var words = WordBuffer()

  package init() {}
}
