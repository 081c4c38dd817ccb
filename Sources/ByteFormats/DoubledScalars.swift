extension String {
  /// The text with every `scalar` twice, as quotes are written within quotes.
  ///
  /// By scalars: a quote is one also where a combining mark follows it, with which it is one `Character`.
  package func doubling(_ scalar: Unicode.Scalar) -> String {
    unicodeScalars.reduce(into: "") { text, next in
      text.unicodeScalars.append(next)
      if next == scalar { text.unicodeScalars.append(next) }
    }
  }
}
