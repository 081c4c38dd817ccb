/// The schema of version 1, as SQL.
///
/// Schemas/catalog.sql shows it as SQLite prints it; a test compares.
enum CatalogSchema {
  /// `PRAGMA application_id` of a catalog: "mask" in ASCII.
  static let applicationID: Int32 = 0x6d61_736b
  /// `PRAGMA user_version` of a catalog that this maskdb writes.
  static let version = 1
  /// Bytes a page of a new catalog whose first masks have `positions`: a thousandth of their bits, from
  /// half a KiB to 16.
  ///
  /// A table or an index takes a page at least, and there are some thirty, which is more than the masks of
  /// a small model do. Of large ones the blobs matter: those of some hundred KiB read at 10 GB/s from
  /// 16 KiB pages, at half of that from 4 KiB.
  static func pageSize(positions: Int) -> Int {
    var size = 512
    while size < 16_384, size << 14 <= positions { size <<= 1 }
    return size
  }

  /// The bytes of the largest file that is rewritten for larger pages: a moment's work.
  static let mostRewritten = 64 << 20

  /// The statements that make an empty catalog.
  static let creation = tables + views

  private static let tables = """
    CREATE TABLE layout (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 16),
      positions INTEGER NOT NULL CHECK (positions >= 0)
    ) STRICT;
    CREATE TABLE tensor (
      layout_id INTEGER NOT NULL REFERENCES layout (id) ON DELETE CASCADE,
      ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
      name TEXT NOT NULL,
      shape TEXT NOT NULL CHECK (json_valid(shape)),
      positions INTEGER NOT NULL CHECK (positions >= 0),
      PRIMARY KEY (layout_id, ordinal),
      UNIQUE (layout_id, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE base (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 16),
      layout_id INTEGER NOT NULL REFERENCES layout (id),
      location TEXT NOT NULL,
      added_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE base_exponents (
      base_id INTEGER NOT NULL REFERENCES base (id) ON DELETE CASCADE,
      compare_dtype TEXT NOT NULL CHECK (compare_dtype IN ('bf16', 'fp16', 'fp32', 'fp64')),
      ordinal INTEGER NOT NULL,
      compared INTEGER NOT NULL CHECK (compared > 0),
      counts BLOB NOT NULL,
      PRIMARY KEY (base_id, compare_dtype, ordinal, compared)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE base_binades (
      base_id INTEGER NOT NULL REFERENCES base (id) ON DELETE CASCADE,
      compare_dtype TEXT NOT NULL CHECK (compare_dtype IN ('bf16', 'fp16', 'fp32', 'fp64')),
      ordinal INTEGER NOT NULL,
      number INTEGER NOT NULL CHECK (number >= 0),
      checksum INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (base_id, compare_dtype, ordinal, number)
    ) STRICT;
    CREATE TABLE checkpoint (
      fingerprint BLOB NOT NULL PRIMARY KEY CHECK (length(fingerprint) = 16),
      digest BLOB NOT NULL CHECK (length(digest) = 16),
      location TEXT NOT NULL,
      seen_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE run (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE CHECK (name GLOB '[A-Za-z0-9]*' AND name NOT GLOB '*[^A-Za-z0-9._-]*'),
      base_id INTEGER NOT NULL REFERENCES base (id),
      digest BLOB NOT NULL CHECK (length(digest) = 16),
      location TEXT NOT NULL,
      added_at TEXT NOT NULL,
      -- XXH3-128 of the name, the base's digest and place, the digest, the place, the time and the history
      -- of the fields, made anew by `set` and `rename`: what `verify` holds them against.
      seal BLOB CHECK (length(seal) = 16)
    ) STRICT;
    CREATE TABLE run_field (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      key TEXT NOT NULL CHECK (key <> ''),
      value TEXT,
      source TEXT NOT NULL,
      recorded_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX run_field_of_run ON run_field (run_id, key, id);
    CREATE TABLE ingest (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      host TEXT NOT NULL,
      process INTEGER NOT NULL,
      touched_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE mask (
      -- Never used twice, so that a reader cannot mistake a new mask for one that was removed.
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      ingest_id INTEGER REFERENCES ingest (id) ON DELETE CASCADE,
      run_id INTEGER REFERENCES run (id) ON DELETE CASCADE,
      definition TEXT NOT NULL,
      compare_dtype TEXT CHECK (compare_dtype IN ('bf16', 'fp16', 'fp32', 'fp64')),
      is_default_dtype INTEGER NOT NULL CHECK (is_default_dtype IN (0, 1)),
      compared INTEGER NOT NULL CHECK (compared >= 0),
      count INTEGER NOT NULL CHECK (count BETWEEN 0 AND compared),
      digest BLOB CHECK (length(digest) = 16),
      extra_tensors TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(extra_tensors)),
      -- What it was derived from or imported from; NULL where two checkpoints were compared.
      lineage TEXT CHECK (lineage IS NULL OR json_valid(lineage)),
      added_at TEXT NOT NULL,
      -- XXH3-128 of this row but its keys, of its rows of mask_tensor but the packed counts, of the names
      -- and shapes of its layout and of its base's digest: what `verify` holds them against.
      seal BLOB CHECK (length(seal) = 16),
      UNIQUE (run_id, definition, compare_dtype),
      -- A comparison has a rule and a dtype.
      CHECK (lineage IS NOT NULL OR definition NOT IN ('derived', 'imported')),
      CHECK (compare_dtype IS NOT NULL OR (lineage IS NOT NULL AND is_default_dtype = 1)),
      -- A mask belongs to the add that is making it, or to its run; never to both or neither.
      CHECK ((ingest_id IS NULL) = (run_id IS NOT NULL)),
      CHECK (run_id IS NULL OR digest IS NOT NULL)
    ) STRICT;
    CREATE INDEX mask_of_ingest ON mask (ingest_id) WHERE ingest_id IS NOT NULL;
    CREATE TABLE mask_tensor (
      mask_id INTEGER NOT NULL REFERENCES mask (id) ON DELETE CASCADE,
      ordinal INTEGER NOT NULL,
      compared INTEGER NOT NULL CHECK (compared >= 0),
      reason TEXT,
      base_dtype TEXT NOT NULL,
      tuned_dtype TEXT,
      count INTEGER NOT NULL CHECK (count BETWEEN 0 AND compared),
      row_counts BLOB,
      column_counts BLOB,
      exponent_counts BLOB,
      PRIMARY KEY (mask_id, ordinal)
    ) STRICT;
    CREATE TABLE segment (
      mask_id INTEGER NOT NULL REFERENCES mask (id) ON DELETE CASCADE,
      ordinal INTEGER NOT NULL,
      number INTEGER NOT NULL CHECK (number >= 0),
      coding INTEGER NOT NULL,
      reference_id INTEGER REFERENCES mask (id),
      count INTEGER NOT NULL CHECK (count BETWEEN 0 AND 4194304),
      checksum INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (mask_id, ordinal, number),
      CHECK ((coding = 9) = (reference_id IS NOT NULL))
    ) STRICT;
    CREATE INDEX segment_reference ON segment (reference_id, mask_id) WHERE reference_id IS NOT NULL;
    CREATE TABLE pair (
      mask_a INTEGER NOT NULL REFERENCES mask (id) ON DELETE CASCADE,
      mask_b INTEGER NOT NULL REFERENCES mask (id) ON DELETE CASCADE,
      counts BLOB NOT NULL,
      PRIMARY KEY (mask_a, mask_b),
      CHECK (mask_a < mask_b)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX pair_of_b ON pair (mask_b);

    """

  private static let views = """
    -- The latest value of every field of every run, with its source.
    CREATE VIEW run_fields AS
      SELECT run.name AS run, field.key, field.value, field.source, field.recorded_at
      FROM run_field AS field JOIN run ON run.id = field.run_id
      WHERE field.id = (
        SELECT max(later.id) FROM run_field AS later
        WHERE later.run_id = field.run_id AND later.key = field.key
      ) AND field.value IS NOT NULL;
    -- One row a run, with the fields that most questions name.
    CREATE VIEW runs AS
      SELECT run.name AS run,
        max(CASE key WHEN 'algorithm' THEN value END) AS algorithm,
        max(CASE key WHEN 'dataset' THEN value END) AS dataset,
        max(CASE key WHEN 'seed' THEN value END) AS seed,
        max(CASE key WHEN 'step' THEN value END) AS step,
        lower(hex(base.digest)) AS base, run.location, run.added_at
      FROM run JOIN base ON base.id = run.base_id LEFT JOIN run_fields ON run_fields.run = run.name
      GROUP BY run.id;
    -- One row a mask that is whole.
    CREATE VIEW masks AS
      SELECT run.name || '@' || mask.definition
          || CASE mask.is_default_dtype WHEN 1 THEN '' ELSE '@' || mask.compare_dtype END AS mask,
        run.name AS run, mask.definition, mask.compare_dtype, mask.compared AS parameters, mask.count,
        CASE WHEN mask.compared > 0 THEN 1.0 * mask.count / mask.compared END AS density,
        ifnull(json_extract(mask.lineage, '$.kind'), 'compared') AS kind, mask.added_at
      FROM mask JOIN run ON run.id = mask.run_id;
    -- One row a tensor of a mask that is whole.
    CREATE VIEW mask_tensors AS
      SELECT run.name AS run, mask.definition, mask.compare_dtype, tensor.name AS tensor, tensor.shape,
        mask_tensor.compared AS parameters, mask_tensor.count, mask_tensor.reason AS skipped,
        mask_tensor.base_dtype, mask_tensor.tuned_dtype
      FROM mask_tensor JOIN mask ON mask.id = mask_tensor.mask_id JOIN run ON run.id = mask.run_id
        JOIN base ON base.id = run.base_id
        JOIN tensor ON tensor.layout_id = base.layout_id AND tensor.ordinal = mask_tensor.ordinal;
    """
}
