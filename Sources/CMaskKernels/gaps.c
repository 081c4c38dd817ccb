#include "gaps.h"

// The tables are written by the preprocessor: entry b is a sum over the bits of b.
#define BELOW(b, i) ((b) & ((1U << (i)) - 1))
#define LENGTH(b) ((b) == 0 ? 0 : 32 - __builtin_clz((b) | (unsigned)((b) == 0)))
#define GAP(b, i) ((uint64_t)((i) - LENGTH(BELOW(b, i))))
#define BIT(b, i) (((b) >> (i) & 1) != 0 ? GAP(b, i) << 8 * __builtin_popcount(BELOW(b, i)) : 0)
#define GAPS(b) \
  (BIT(b, 0) | BIT(b, 1) | BIT(b, 2) | BIT(b, 3) | BIT(b, 4) | BIT(b, 5) | BIT(b, 6) | BIT(b, 7))
#define ZEROS(b) (uint8_t)(8 - LENGTH(b))

#define FOUR(f, b) f(b), f((b) + 1U), f((b) + 2U), f((b) + 3U)
#define SIXTEEN(f, b) FOUR(f, b), FOUR(f, (b) + 4U), FOUR(f, (b) + 8U), FOUR(f, (b) + 12U)
#define SIXTY_FOUR(f, b) \
  SIXTEEN(f, b), SIXTEEN(f, (b) + 16U), SIXTEEN(f, (b) + 32U), SIXTEEN(f, (b) + 48U)
#define EVERY(f) SIXTY_FOUR(f, 0U), SIXTY_FOUR(f, 64U), SIXTY_FOUR(f, 128U), SIXTY_FOUR(f, 192U)

const uint64_t mk_byte_gaps[256] = {EVERY(GAPS)};
const uint8_t mk_byte_zeros[256] = {EVERY(ZEROS)};
