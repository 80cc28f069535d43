// Members for tests that need nothing but somebody there.
#pragma once

#include "sync/membership.hpp"

#include <string>

namespace adsp::sync::test {

/// So many workers, who have joined at time 0.
inline membership members_of(int count) {
  membership x;
  for (int i = 0; i < count; ++i)
    x.join("w" + std::to_string(i), 0);
  return x;
}

} // namespace adsp::sync::test
