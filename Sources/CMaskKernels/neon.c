// The table of the NEON kernel, which every 64-bit ARM CPU can run.
#include "kernels.h"

#if defined(__aarch64__)

const mk_table mk_neon = {
    .name = "neon",
    .convert = mk_neon_convert,
    .scale = mk_neon_scale,
    .changed = mk_neon_changed,
    .exponent_counts = mk_neon_exponent_counts,
    .changed_counts = mk_neon_changed_counts,
    .exponent_counts_after = mk_neon_exponent_counts_after,
    .count = mk_neon_count,
    .row_counts = mk_neon_row_counts,
    .column_counts = mk_neon_column_counts,
    .count_pairs = mk_neon_count_pairs,
    .count_cross = mk_neon_count_cross,
    .gaps_encode = mk_neon_gaps_encode,
    .gaps_decode = mk_neon_gaps_decode,
    .split = mk_neon_split,
    .merge = mk_neon_merge,
    .bytes_split = mk_neon_bytes_split,
    .bytes_merge = mk_neon_bytes_merge,
    .fold = mk_neon_fold,
    .unfold = mk_neon_unfold,
    .edges = mk_neon_edges,
};

#endif
