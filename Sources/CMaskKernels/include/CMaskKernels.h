// The contract of the hot loops. scalar*.c is the definition of correct; avx2*.c, avx512*.c and
// neon*.c are the same functions faster; dispatch.c chooses once, at the first call.
//
// Bits: position i of a row is bit i % 64 of word i / 64. Bits past the last position are zero on
// output and must be zero on input. No function allocates or takes more than 32 KiB of stack, and none
// needs alignment beyond that of the element type (value pointers need none at all). Where a count is
// 0 the pointers to so many things may be NULL. All functions may be called from any thread.
#ifndef CMASKKERNELS_H
#define CMASKKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How a value is stored. The two fp8 types are those of the OCP specification (OFP8 1.0).
typedef enum mk_dtype {
  MK_BF16 = 0,
  MK_FP16 = 1,
  MK_FP32 = 2,
  MK_FP64 = 3,
  MK_F8_E4M3 = 4,
  MK_F8_E5M2 = 5,
} mk_dtype;

/// When a pair of values counts as changed; see mk_changed.
typedef enum mk_rule {
  MK_PAPER = 0,
  MK_BITWISE = 1,
  MK_NUMERIC = 2,
  MK_ABSOLUTE = 3,
  MK_RELATIVE = 4,
  MK_ULP = 5,
} mk_rule;

// --- values -------------------------------------------------------------------------------------

/// Converts `count` values. Widening is exact; narrowing rounds to nearest, ties to even; fp64 to a
/// 16-bit type goes through fp32, as PyTorch's conversion does, and so does any pair of narrow types.
/// A NaN narrowed to bf16 becomes 0x7FC0 (PyTorch makes that or 0xFFFF of it, as its vectors go), to
/// fp16 sign | 0x7E00; widened it keeps sign and payload and becomes quiet, as CPUs do it (bf16 to fp32
/// is a shift and keeps every bit).
/// `to` is one of BF16, FP16, FP32, FP64. Equal types copy the bits. `in` and `out` do not overlap.
void mk_convert(mk_dtype from, mk_dtype to, const void *in, void *out, size_t count);

/// Multiplies `count` fp32 values in place by `scale` (fp8 block dequantisation).
void mk_scale(float *values, size_t count, float scale);

/// Decides which of `count` positions changed between `base` and `tuned`, both of `dtype`
/// (BF16, FP16, FP32 or FP64), and writes ceil(count / 64) words.
///
/// PAPER     d = tuned - base, computed in fp32 (fp64 for FP64) and rounded to `dtype`;
///           changed iff not |d| <= T, T = `threshold` rounded to `dtype`. NaN is changed.
/// BITWISE   the bit patterns differ.
/// NUMERIC   the values differ: -0.0 = 0.0, NaN differs from everything.
/// ABSOLUTE  |tuned - base| > T in fp32 (fp64 for FP64) after exact widening, T rounded likewise.
/// RELATIVE  |tuned - base| > R * max(|base|, |tuned|), likewise, the product rounded too.
/// ULP       more than K representable values of `dtype` apart (ordered integers, -0 = +0).
///
/// In ABSOLUTE, RELATIVE and ULP a position where either value is not finite is changed iff the
/// bits differ. `threshold` is T, R or K; BITWISE and NUMERIC ignore it.
void mk_changed(mk_rule rule, mk_dtype dtype, double threshold, const void *base, const void *tuned,
                size_t count, uint64_t *bits);

/// Adds to `all[e]` the number of positions whose value has fp32 exponent field e, and to `set[e]` the
/// number of those that are set in `bits`. Either may be NULL, and `bits` where `set` is. 16-bit values
/// are widened to fp32, fp64 rounded to it.
void mk_exponent_counts(mk_dtype dtype, const void *values, const uint64_t *bits, size_t count,
                        uint64_t all[256], uint64_t set[256]);

/// mk_changed, and mk_exponent_counts of the base with the bits that it finds; `all` may be NULL.
/// Faster than the two for bf16.
void mk_changed_counts(mk_rule rule, mk_dtype dtype, double threshold, const void *base,
                       const void *tuned, size_t count, uint64_t *bits, uint64_t *all,
                       uint64_t set[256]);

/// Adds to `set` what mk_exponent_counts adds for `bits`, given what it adds for `other`: `known`.
/// Takes little time where the two bits mostly agree.
void mk_exponent_counts_after(mk_dtype dtype, const void *values, const uint64_t *bits,
                              const uint64_t *other, const uint64_t known[256], size_t count,
                              uint64_t set[256]);

// --- bits ---------------------------------------------------------------------------------------

/// The number of set bits in `words` words.
uint64_t mk_count(const uint64_t *bits, size_t words);

/// Adds to `counts[r]` the set bits of each row of a row-major matrix with `columns` columns. The
/// first bit stands in column `first_column` (< columns) of row 0, so rows may begin and end anywhere.
void mk_row_counts(const uint64_t *bits, size_t count, size_t columns, size_t first_column,
                   uint32_t *counts);

/// Adds to `counts[j]` (j < columns) the set bits of column j, laid out as in mk_row_counts.
void mk_column_counts(const uint64_t *bits, size_t count, size_t columns, size_t first_column,
                      uint32_t *counts);

/// Adds popcount(rows[i] & rows[j]) to counts[i * k + j] for every i < j; blocked for the caches.
void mk_count_pairs(const uint64_t *const *rows, size_t k, size_t words, uint64_t *counts);

/// Adds popcount(left[i] & right[j]) to counts[i * n + j] for i < m, j < n; blocked likewise.
void mk_count_cross(const uint64_t *const *left, size_t m, const uint64_t *const *right, size_t n,
                    size_t words, uint64_t *counts);

// --- byte gaps ----------------------------------------------------------------------------------

/// Writes the gaps of `words` words as bytes: before each set bit, the number g of zeros since the
/// last one, as g / 255 bytes of 255 followed by the byte g % 255. Zeros after the last set bit are
/// not written. Returns the number of bytes, at most `capacity`; SIZE_MAX (in Swift -1) where they do
/// not fit. Bytes up to `capacity` may be overwritten past the last one that counts.
size_t mk_gaps_encode(const uint64_t *bits, size_t words, uint8_t *out, size_t capacity);

/// The reverse: sets bits in `words` words, which must be zero. Returns the number of bits set, or
/// SIZE_MAX where a gap runs past the last word or the bytes end inside a gap; some bits may then be
/// set. Any bytes are safe.
size_t mk_gaps_decode(const uint8_t *gaps, size_t count, uint64_t *bits, size_t words);

// --- streams ------------------------------------------------------------------------------------

/// Deals `count` bits out by a selector: those where it is clear go to `low` and those where it is set
/// to `high`, each without gaps, in order. Returns how many went to `high`. Either output must have
/// room for `count` bits; the words that hold its own are written, with zeros after them, and perhaps
/// others. Bits of `selector` past `count` may be any. The outputs do not overlap anything.
size_t mk_split(const uint64_t *bits, const uint64_t *selector, size_t count, uint64_t *low,
                uint64_t *high);

/// The reverse: takes every bit from `low` where `selector` is clear and from `high` where it is set.
/// Both must be readable two words past their last; what stands there does not matter. `bits` may be
/// `selector`.
void mk_merge(const uint64_t *low, const uint64_t *high, const uint64_t *selector, size_t count,
              uint64_t *bits);

/// Splits `words` words, as little-endian bytes, into a map and the bytes that are not zero: bit i of
/// `map`, ceil(words / 8) words, is set where byte i is not zero. Returns the number of such bytes; up
/// to 8 * `words` may be written.
size_t mk_bytes_split(const uint64_t *bits, size_t words, uint64_t *map, uint8_t *out);

/// The reverse. Returns the number of bytes that were put, or SIZE_MAX where the map asks for more
/// than `count`; some words may then be written. Any map and any bytes are safe.
size_t mk_bytes_merge(const uint64_t *map, const uint8_t *bytes, size_t count, uint64_t *bits,
                      size_t words);

/// Folds `words` words in pairs: word i of `any`, ceil(words / 2) of them, has the bits that are set in
/// word 2 i or in word 2 i + 1, a word after the last being zero. For every set bit of `any`, in order,
/// `both` has a bit: whether it is set in both words. For every one that is not, `first` has a bit:
/// whether it is set in word 2 i. Each output must have room for ceil(words / 2) words; of `both` and
/// `first` those that hold their bits are written, with zeros after them, and perhaps others. Nothing
/// overlaps.
void mk_fold(const uint64_t *bits, size_t words, uint64_t *any, uint64_t *both, uint64_t *first);

/// The reverse. `both` and `first` must be readable two words past their last; what stands there does
/// not matter, and neither do bits of `any` that would belong to a word after the last.
void mk_unfold(const uint64_t *any, const uint64_t *both, const uint64_t *first, size_t words,
               uint64_t *bits);

/// The number of bits that differ from the one before them, the first from a clear one.
uint64_t mk_edges(const uint64_t *bits, size_t words);

/// Writes the fp32 exponent field of every value, as mk_exponent_counts understands it.
void mk_exponents(mk_dtype dtype, const void *values, size_t count, uint8_t *fields);

// --- dispatch -----------------------------------------------------------------------------------

/// The name of the kernel in use: "scalar", "avx2", "avx512" or "neon". The environment variable
/// MASKDB_KERNEL chooses one by its name; unset or empty, the best that this CPU can run is used.
const char *mk_kernel(void);

/// NULL, or the value of MASKDB_KERNEL (its first 63 bytes) where it names no kernel this CPU can
/// run; the best kernel is then in use, and the caller decides whether to refuse.
const char *mk_kernel_refused(void);

/// The names of the kernels this CPU can run, best first, ending in NULL.
const char *const *mk_kernels_available(void);

/// Whether this CPU gathers and scatters bits fast. Elsewhere tables do it, at about a sixth of the
/// speed: on ARM, and on AMD's Zen 1 and Zen 2, whose instructions for it are slow.
_Bool mk_fast_streams(void);

/// Every function above as a table, so that tests hold one kernel against another.
typedef struct mk_table {
  const char *name;
  void (*convert)(mk_dtype, mk_dtype, const void *, void *, size_t);
  void (*scale)(float *, size_t, float);
  void (*changed)(mk_rule, mk_dtype, double, const void *, const void *, size_t, uint64_t *);
  void (*exponent_counts)(mk_dtype, const void *, const uint64_t *, size_t, uint64_t *, uint64_t *);
  void (*changed_counts)(mk_rule, mk_dtype, double, const void *, const void *, size_t, uint64_t *,
                         uint64_t *, uint64_t *);
  void (*exponent_counts_after)(mk_dtype, const void *, const uint64_t *, const uint64_t *,
                                const uint64_t *, size_t, uint64_t *);
  uint64_t (*count)(const uint64_t *, size_t);
  void (*row_counts)(const uint64_t *, size_t, size_t, size_t, uint32_t *);
  void (*column_counts)(const uint64_t *, size_t, size_t, size_t, uint32_t *);
  void (*count_pairs)(const uint64_t *const *, size_t, size_t, uint64_t *);
  void (*count_cross)(const uint64_t *const *, size_t, const uint64_t *const *, size_t, size_t,
                      uint64_t *);
  size_t (*gaps_encode)(const uint64_t *, size_t, uint8_t *, size_t);
  size_t (*gaps_decode)(const uint8_t *, size_t, uint64_t *, size_t);
  size_t (*split)(const uint64_t *, const uint64_t *, size_t, uint64_t *, uint64_t *);
  void (*merge)(const uint64_t *, const uint64_t *, const uint64_t *, size_t, uint64_t *);
  size_t (*bytes_split)(const uint64_t *, size_t, uint64_t *, uint8_t *);
  size_t (*bytes_merge)(const uint64_t *, const uint8_t *, size_t, uint64_t *, size_t);
  void (*fold)(const uint64_t *, size_t, uint64_t *, uint64_t *, uint64_t *);
  void (*unfold)(const uint64_t *, const uint64_t *, const uint64_t *, size_t, uint64_t *);
  uint64_t (*edges)(const uint64_t *, size_t);
} mk_table;

/// The table of the kernel `name`, or NULL where it is unknown or this CPU cannot run it.
const mk_table *mk_table_named(const char *name);

#ifdef __cplusplus
}
#endif

#endif
