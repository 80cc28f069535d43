// Commits as the tests of a shard's state make them.
#pragma once

#include "messages/types.hpp"

#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace adsp::test {

inline push update_of(commit_id id, std::vector<float> values, shard_id shard = 0) {
  return {id, shard, true, copy_of(values)};
}

inline std::vector<float> values_of(const parameter_block& x) {
  return {x.values().begin(), x.values().end()};
}

/// Two floats of four in the format topk.
inline encoded_block kept_of_four(std::vector<float> values, std::uint16_t first,
                                  std::uint16_t second) {
  auto memory = std::make_shared<parameter_buffer>(3);
  memory->values()[0] = values[0];
  memory->values()[1] = values[1];
  memory->values()[2] =
      std::bit_cast<float>(static_cast<std::uint32_t>(first | std::uint32_t{second} << 16));
  return {wire_format::topk, 4, 12, parameter_block{std::move(memory)}};
}

} // namespace adsp::test
