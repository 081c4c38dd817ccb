internal import MaskReports

/// The formats of an answer that is one table of means.
enum TableFormats: FormatFamily {
  static let formats: [ReportFormat] = [.table, .json, .csv, .markdown, .latex]
  static let help = "table, json, csv, md or latex."
}

/// The formats of a list.
enum ListFormats: FormatFamily {
  static let formats: [ReportFormat] = [.table, .json, .ndjson, .csv, .markdown, .latex]
  static let help = "table, json, ndjson, csv, md or latex."
}

/// The formats of `sparsity`.
enum DensityFormats: FormatFamily {
  static let formats = ListFormats.formats + [.svg, .png]
  static let help = """
    table, json, ndjson, csv, md, latex, svg or png (a heat map of densities: by layer,module one a \
    mask, else a row a mask).
    """
}

/// The formats of `compare`.
enum PairFormats: FormatFamily {
  static let formats = TableFormats.formats + [.svg, .png]
  static let help = """
    table, json, csv (a line for the whole and for every group), md, latex, svg or png (a heat map \
    of layers and modules for every --value).
    """
}

/// The formats of `overlap`.
enum OverlapFormats: FormatFamily {
  static let formats = ReportFormat.allCases
  static let help = """
    table, json, ndjson, csv (a square matrix of --value), long-csv (a row a pair), md, latex, npz, \
    svg or png (a heat map of --value).
    """
}
