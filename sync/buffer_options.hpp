// Options of policies whose server moves after a number of commits: FedBuff and Rennala.
#pragma once

#include <cstdint>
#include <optional>

namespace adsp::sync {

struct buffer_options {
  std::optional<std::uint32_t> buffer; ///< K: commits of a step of the server; unset: as published
};

} // namespace adsp::sync
