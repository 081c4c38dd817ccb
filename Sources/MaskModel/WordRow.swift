/// A row of words that can be put in an array, which holds no noncopyable value as yet.
final class WordRow {
  var words = WordBuffer()

  init() {}
}
