// One filled-in value of every message type. Fields of one type have different values, so that a
// test can see when they change places.
#pragma once

#include "messages/node_types.hpp"
#include "messages/types.hpp"

#include <bit>
#include <memory>
#include <tuple>
#include <vector>

namespace adsp::test {

inline parameter_block sample_block() {
  return copy_of(std::vector<float>{1.5f, -2.0f, 0.25f});
}

/// The first and the last of three floats, as topk.
inline encoded_block sample_kept() {
  auto memory = std::make_shared<parameter_buffer>(3);
  memory->values()[0] = 1.5f;
  memory->values()[1] = -2.0f;
  memory->values()[2] =
      std::bit_cast<float>(std::uint32_t{2} << 16); // places 0 and 2, 16 bits each
  return {wire_format::topk, 3, 12, parameter_block{std::move(memory)}};
}

inline sync::progress sample_progress() {
  return {7, 3, 4096, 1.5, 0.25, 0.125, 9.75, 0.5};
}

inline evaluation_record sample_record() {
  return {2.5, 0.5, 0.875, 100, 10, 65536, 2.0, 4};
}

inline auto samples() {
  return std::tuple{
      sample_block(),
      encoded_block{sample_block()},
      sample_kept(),
      sample_progress(),
      sync::instruction{5, 6, 7, 2.5, 8, 9},
      commit_id{1, 3},
      push{{1, 3}, 4, true, sample_block(), 5, false, 6},
      pull{9, true, false, 10},
      fresh{4, 11, sample_block(), 5},
      server_rate{2, 0.25, 3},
      restore{6},
      transfer{false, 1234},
      join{"pi-3", 1000},
      hello{77, "pi-3", true, "pi-3:7000", {"pi-3"}, 0xfedcba9876543210, {{"sync.policy", "bsp"}}},
      admitted{10},
      sync::commit_rule{0.5, 0.25, true},
      host{8, sample_block(), {0.5, 0.25, true}},
      finish{true, "text"},
      welcome{3, {5, 6, 7, 2.5, 8}},
      report{3, sample_progress()},
      evaluation{0.5, 0.875, 12},
      sample_record(),
      worker_record{2.0, 3, "pi-3", sample_progress(), 4.0, 1.75, 0.9},
      worker_summary{"pi-3", sample_progress(), 60.0, true},
      job_result{end_reason::max_time,
                 "text",
                 60.0,
                 30.0,
                 sample_record(),
                 12,
                 sample_progress(),
                 5.0,
                 2,
                 {{"pi-3", sample_progress(), 60.0, false}},
                 {sample_block(), {}, sample_block()}},
      job_status{1.0, sample_record(), 4, sample_progress(), 6, 2.0, true, false},
  };
}

} // namespace adsp::test
