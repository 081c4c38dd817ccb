// The part of check.c that holds the functions over streams against scalar, tables included.
typedef size_t (*split_function)(const uint64_t *, const uint64_t *, size_t, uint64_t *,
                                 uint64_t *);
typedef void (*merge_function)(const uint64_t *, const uint64_t *, const uint64_t *, size_t,
                               uint64_t *);

static void check_split(split_function split, merge_function merge, const uint64_t *bits,
                        const uint64_t *selector, size_t count) {
  size_t words = MK_WORDS(count), high, low;
  uint64_t *mine[2] = {zeros(words * 8), zeros(words * 8)}, *back = zeros(words * 8);
  uint64_t *his[2] = {zeros(words * 8 + 16), zeros(words * 8 + 16)};
  high = model->split(bits, selector, count, his[0], his[1]), low = count - high;
  check(split(bits, selector, count, mine[0], mine[1]) == high, "split", (long)count, 0, 0);
  check(memcmp(mine[0], his[0], MK_WORDS(low) * 8) == 0, "low of split", (long)count, 0, 0);
  check(memcmp(mine[1], his[1], MK_WORDS(high) * 8) == 0, "high of split", (long)count, 0, 0);
  for (int side = 0; side < 2; side++) {  // exactly what a merge may read
    size_t size = MK_WORDS(side ? high : low) * 8;
    uint64_t *exact = memset(fresh(size + 16), 0xA5, size + 16);
    memcpy(exact, his[side], size), free(his[side]), his[side] = exact;
  }
  merge(his[0], his[1], selector, count, back);
  check(memcmp(back, bits, words * 8) == 0, "merge", (long)count, 0, 0);
  memcpy(back, selector, words * 8);
  merge(his[0], his[1], back, count, back);
  check(memcmp(back, bits, words * 8) == 0, "merge in place", (long)count, 0, 0);
  free(mine[0]), free(mine[1]), free(his[0]), free(his[1]), free(back);
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
  check(kernel->edges(bits, words) == model->edges(bits, words), "edges", (long)count, 0, 0);
  free(bits);
}
