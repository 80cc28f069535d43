// Options of SSP (Ho et al., NIPS 2013).
#pragma once

#include <cstdint>

namespace adsp::sync {

/// When an SSP worker fetches parameters.
enum class pull_mode : std::uint8_t {
  every_commit, ///< the reply to each push replaces the local copy
  when_stale,   ///< only when the staleness bound asks for it, as in the paper
};

struct ssp_options {
  std::uint32_t staleness = 40; ///< s, in commits
  pull_mode pull = pull_mode::every_commit;
};

} // namespace adsp::sync
