// The table of the AVX-512 kernel. What is bound by memory or by single words stays with AVX2.
#include "kernels.h"

#if defined(__x86_64__)

const mk_table mk_avx512 = {
    .name = "avx512",
    .convert = mk_avx2_convert,
    .scale = mk_avx2_scale,
    .changed = mk_avx512_changed,
    .exponent_counts = mk_avx512_exponent_counts,
    .changed_counts = mk_avx512_changed_counts,
    .exponent_counts_after = mk_avx512_exponent_counts_after,
    .count = mk_avx512_count,
    .row_counts = mk_avx2_row_counts,
    .column_counts = mk_avx512_column_counts,
    .count_pairs = mk_avx512_count_pairs,
    .count_cross = mk_avx512_count_cross,
    .gaps_encode = mk_avx512_gaps_encode,
    .gaps_decode = mk_avx2_gaps_decode,
    .split = mk_avx2_split,
    .merge = mk_avx2_merge,
    .bytes_split = mk_avx512_bytes_split,
    .bytes_merge = mk_avx512_bytes_merge,
    .fold = mk_avx2_fold,
    .unfold = mk_avx2_unfold,
    .edges = mk_avx2_edges,
};

#endif
