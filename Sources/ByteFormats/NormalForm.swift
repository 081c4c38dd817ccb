internal import Foundation

extension String {
  /// Whether the text is in Unicode normal form C, the one of all texts that are canonically equivalent.
  ///
  /// Swift takes equivalent texts for equal, and files that name things by bytes do not. Among texts of
  /// this form the two are the same. Source: Unicode Standard Annex #15.
  package var isNormalized: Bool {
    utf8.allSatisfy { $0 < 0x80 } || precomposedStringWithCanonicalMapping.utf8.elementsEqual(utf8)
  }
}
