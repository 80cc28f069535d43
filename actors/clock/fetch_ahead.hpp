// Bringing memory near before it is needed.
#pragma once

#include <cstddef>

namespace adsp {

/// Loads the first byte; nobody waits for it.
inline void touch(const void* what) {
  static_cast<void>(*static_cast<const volatile char*>(what));
}

/// Begins to bring `bytes` from `from` on into the cache; there may be fewer. The first is loaded,
/// and nobody waits for it: a prefetch whose page the processor has no translation of at hand may
/// be dropped.
inline void fetch_ahead(const void* from, std::size_t bytes) {
  const auto* at = static_cast<const char*>(from);
  touch(from);
  for (std::size_t i = 0; i < bytes; i += 64)
    __builtin_prefetch(at + i, 1);
}

} // namespace adsp
