// The table of the AVX2 kernel.
#include "kernels.h"

#if defined(__x86_64__)

const mk_table mk_avx2 = {
    .name = "avx2",
    .convert = mk_avx2_convert,
    .scale = mk_avx2_scale,
    .changed = mk_avx2_changed,
    .exponent_counts = mk_avx2_exponent_counts,
    .changed_counts = mk_avx2_changed_counts,
    .exponent_counts_after = mk_avx2_exponent_counts_after,
    .count = mk_avx2_count,
    .row_counts = mk_avx2_row_counts,
    .column_counts = mk_avx2_column_counts,
    .count_pairs = mk_avx2_count_pairs,
    .count_cross = mk_avx2_count_cross,
    .gaps_encode = mk_avx2_gaps_encode,
    .gaps_decode = mk_avx2_gaps_decode,
    .split = mk_avx2_split,
    .merge = mk_avx2_merge,
    .bytes_split = mk_avx2_bytes_split,
    .bytes_merge = mk_avx2_bytes_merge,
    .fold = mk_avx2_fold,
    .unfold = mk_avx2_unfold,
    .edges = mk_avx2_edges,
};

#endif
