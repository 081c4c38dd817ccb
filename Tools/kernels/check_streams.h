// The part of check.c that holds the functions over streams against scalar, tables included.
typedef size_t (*split_function)(const uint64_t *, const uint64_t *, size_t, uint64_t *,
                                 uint64_t *);
typedef void (*merge_function)(const uint64_t *, const uint64_t *, const uint64_t *, size_t,
                               uint64_t *);

/// `count` bits of `stream` and exactly the two words more that a reader may read.
static uint64_t *readable(const uint64_t *stream, size_t count) {
  size_t size = MK_WORDS(count) * 8;
  uint64_t *exact = memset(fresh(size + 16), 0xA5, size + 16);
  memcpy(exact, stream, size);
  return exact;
}

static void check_split(split_function split, merge_function merge, const uint64_t *bits,
                        const uint64_t *selector, size_t count) {
  size_t words = MK_WORDS(count), high, low;
  uint64_t *mine[2] = {zeros(words * 8), zeros(words * 8)}, *back = zeros(words * 8);
  uint64_t *his[2] = {zeros(words * 8 + 16), zeros(words * 8 + 16)};
  high = model->split(bits, selector, count, his[0], his[1]), low = count - high;
  check(split(bits, selector, count, mine[0], mine[1]) == high, "split", (long)count, 0, 0);
  check(memcmp(mine[0], his[0], MK_WORDS(low) * 8) == 0, "low of split", (long)count, 0, 0);
  check(memcmp(mine[1], his[1], MK_WORDS(high) * 8) == 0, "high of split", (long)count, 0, 0);
  uint64_t *exact[2] = {readable(his[0], low), readable(his[1], high)};
  merge(exact[0], exact[1], selector, count, back);
  check(memcmp(back, bits, words * 8) == 0, "merge", (long)count, 0, 0);
  memcpy(back, selector, words * 8);
  merge(exact[0], exact[1], back, count, back);
  check(memcmp(back, bits, words * 8) == 0, "merge in place", (long)count, 0, 0);
  for (int i = 0; i < 2; i++) free(mine[i]), free(his[i]), free(exact[i]);
  free(back);
}

static void check_bytes(size_t (*split)(const uint64_t *, size_t, uint64_t *, uint8_t *),
                        size_t (*merge)(const uint64_t *, const uint8_t *, size_t, uint64_t *,
                                        size_t),
                        const uint64_t *bits, size_t words) {
  size_t size = MK_WORDS(words * 8) * 8, found;
  uint64_t *map = zeros(size), *his_map = zeros(size), *back = zeros(words * 8);
  uint8_t *out = fresh(words * 8), *his = zeros(words * 8);
  found = model->bytes_split(bits, words, his_map, his);
  check(split(bits, words, map, out) == found, "bytes_split", (long)words, 0, 0);
  check(memcmp(map, his_map, size) == 0, "map of bytes_split", (long)words, 0, 0);
  check(memcmp(out, his, found) == 0, "bytes of bytes_split", (long)words, 0, 0);
  uint8_t *exact = memcpy(fresh(found), his, found);
  check(merge(map, exact, found, back, words) == found, "bytes_merge", (long)words, 0, 0);
  check(memcmp(back, bits, words * 8) == 0, "bits of bytes_merge", (long)words, 0, 0);
  if (found > 0)
    check(merge(map, exact, found - 1, back, words) == SIZE_MAX, "short bytes_merge", (long)words,
          0, 0);
  free(map), free(his_map), free(back), free(out), free(his), free(exact);
}

typedef void (*fold_function)(const uint64_t *, size_t, uint64_t *, uint64_t *, uint64_t *);
typedef void (*unfold_function)(const uint64_t *, const uint64_t *, const uint64_t *, size_t,
                                uint64_t *);

static void check_fold(fold_function fold, unfold_function unfold, const uint64_t *bits,
                       size_t words) {
  size_t half = (words + 1) / 2;
  uint64_t *mine[3], *his[3], *back = memset(fresh(words * 8), 0x5A, words * 8);
  for (int i = 0; i < 3; i++)
    mine[i] = memset(fresh(half * 8), 0xC3, half * 8), his[i] = zeros(half * 8);
  model->fold(bits, words, his[0], his[1], his[2]);
  fold(bits, words, mine[0], mine[1], mine[2]);
  size_t any = model->count(his[0], half), both = model->count(his[1], half);
  check(memcmp(mine[0], his[0], half * 8) == 0, "any of fold", (long)words, 0, 0);
  check(memcmp(mine[1], his[1], MK_WORDS(any) * 8) == 0, "both of fold", (long)words, 0, 0);
  check(memcmp(mine[2], his[2], MK_WORDS(any - both) * 8) == 0, "first of fold", (long)words, 0, 0);
  uint64_t *exact[2] = {readable(his[1], any), readable(his[2], any - both)};
  unfold(his[0], exact[0], exact[1], words, back);
  check(memcmp(back, bits, words * 8) == 0, "unfold", (long)words, 0, 0);
  for (int i = 0; i < 3; i++) free(mine[i]), free(his[i]);
  free(exact[0]), free(exact[1]), free(back);
}

static void check_streams(size_t count, unsigned percent) {
  uint64_t *bits = some_bits(count, percent);
  size_t words = MK_WORDS(count);
  for (unsigned share = 0; share <= 100; share += 20) {
    uint64_t *selector = some_bits(count, share);
    if (count % 64 != 0 && share % 40 == 0) selector[words - 1] |= ~mk_low(count % 64);
    check_split(kernel->split, kernel->merge, bits, selector, count);
    check_split(mk_table_split, mk_table_merge, bits, selector, count);
    free(selector);
  }
  check_bytes(kernel->bytes_split, kernel->bytes_merge, bits, words);
  check_bytes(mk_table_bytes_split, mk_table_bytes_merge, bits, words);
  check_fold(kernel->fold, kernel->unfold, bits, words);
  check_fold(mk_table_fold, mk_table_unfold, bits, words);
  check(kernel->edges(bits, words) == model->edges(bits, words), "edges", (long)count, 0, 0);
  free(bits);
}
