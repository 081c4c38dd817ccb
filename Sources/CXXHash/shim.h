#ifndef MASKDB_CXXHASH_SHIM_H
#define MASKDB_CXXHASH_SHIM_H

/* Debian's amd64 build chooses the widest vectors of the CPU at run time; its header redirects by
   macro, which Swift cannot see, so each function gets an inline name. */
#if defined(__x86_64__) && defined(__linux__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

static inline XXH128_hash_t cxxhash_xxh3_128(const void *bytes, size_t count) {
  return XXH3_128bits(bytes, count);
}

static inline XXH_errorcode cxxhash_xxh3_128_update(XXH3_state_t *state, const void *bytes, size_t count) {
  return XXH3_128bits_update(state, bytes, count);
}

#endif
