// The threshold of mk_changed, as the vector kernels compare with it.
#ifndef MK_CHANGED_H
#define MK_CHANGED_H

#include "kernels.h"

typedef struct limit {
  float single;
  double wide;
  uint64_t least;  // of distances that count
} limit;

static inline limit limit_of(mk_rule rule, mk_dtype dtype, double threshold) {
  float single = rule == MK_PAPER ? mk_paper_bound(dtype, threshold) : (float)threshold;
  return (limit){single, threshold, mk_least_distance(threshold)};
}

#endif
