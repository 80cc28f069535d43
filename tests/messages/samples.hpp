// One filled-in value of every message type, and its bytes. Fields of one type have different values,
// so that a test can see when they change places.
#pragma once

#include "messages/node_types.hpp"
#include "messages/types.hpp"

#include <bit>
#include <cstdint>
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

/// A message, and the name of its type and its bytes on the wire, as `test_messages` prints them when
/// they are others. What travels only inside other messages has no name there.
template <class T>
struct sample {
  T value;
  const char* on_wire;
};
template <class T>
sample(T, const char*) -> sample<T>;

/// The `protocol_version` that has these bytes.
inline constexpr std::uint32_t version_of_samples = 6;

inline auto samples() {
  return std::tuple{
      sample{sample_block(), "adsp::parameter_block 000000030000c03f000000c00000803e"},
      sample{encoded_block{sample_block()},
             "adsp::encoded_block 00000000030000000c0000c03f000000c00000803e"},
      sample{sample_kept(), "adsp::encoded_block 03000000030000000c0000c03f000000c000000200"},
      sample{sample_progress(), "adsp::sync::progress "
                                "0000000000000007000000000000000300000000000010003ff80000000000003f"
                                "d00000000000003fc000000000000040238000000000003fe0000000000000"},
      sample{sync::instruction{5, 6, 7, 2.5, 8, 9, 1.5, 0.75, 0.5},
             "adsp::sync::instruction "
             "000000000000000500000000000000060000000740040000000000000000000800000000000000093ff80"
             "000000000003fe80000000000003fe0000000000000"},
      sample{commit_id{1, 3}, "adsp::commit_id 000000010000000000000003"},
      sample{push{{1, 3}, 4, true, sample_block(), 5, false, 6, 7},
             "adsp::push "
             "000000010000000000000003000000040100000000030000000c0000c03f000000c00000803e000000050"
             "000000000000000060000000000000007"},
      sample{pull{9, true, false, 10}, "adsp::pull 000000090100000000000000000a"},
      sample{
          fresh{4, 11, sample_block(), 5, 0.5},
          "adsp::fresh 00000004000000000000000b00000000030000000c0000c03f000000c00000803e00000005"
          "3fe0000000000000"},
      sample{server_rate{2, 0.25, 3}, "adsp::server_rate 00000000000000023fd000000000000000000003"},
      sample{close_round{12}, "adsp::close_round 000000000000000c"},
      sample{restore{6}, "adsp::restore 00000006"},
      sample{transfer{false, 1234}, "adsp::transfer 0000000000000004d2"},
      sample{join{"pi-3", 1000}, "adsp::join 0470692d3300000000000003e8"},
      sample{hello{77,
                   "pi-3",
                   true,
                   "pi-3:7000",
                   {"pi-3"},
                   0xfedcba9876543210,
                   {{"sync.policy", "bsp"}}},
             "adsp::hello "
             "0000004d0470692d33010970692d333a37303030010470692d33fedcba9876543210010b73796e632e706"
             "f6c69637903627370"},
      sample{admitted{10}, "adsp::admitted 4024000000000000"},
      sample{sync::commit_rule{sync::rule_kind::adam, 0.5, 0.25, 0.75, 0.875, 0.125, 3, true},
             "093fe00000000000003fd00000000000003fe80000000000003fec0000000000003fc0000000000000000"
             "0000301"},
      sample{
          host{8, sample_block(), {sync::rule_kind::adam, 0.5, 0.25, 0.75, 0.875, 0.125, 3, true}},
          "adsp::host "
          "00000008000000030000c03f000000c00000803e093fe00000000000003fd00000000000003fe80000000"
          "000003fec0000000000003fc00000000000000000000301"},
      sample{finish{true, "text"}, "adsp::finish 010474657874"},
      sample{welcome{3, {5, 6, 7, 2.5, 8}},
             "adsp::welcome "
             "0000000300000000000000050000000000000006000000074004000000000000000000080000000000000"
             "000000000000000000000000000000000000000000000000000"},
      sample{report{3, sample_progress()},
             "adsp::report "
             "000000030000000000000007000000000000000300000000000010003ff80000000000003fd0000000000"
             "0003fc000000000000040238000000000003fe0000000000000"},
      sample{evaluation{0.5, 0.875, 12},
             "adsp::evaluation 3fe00000000000003fec000000000000000000000000000c"},
      sample{sample_record(), "adsp::evaluation_record "
                              "40040000000000003fe00000000000003fec00000000000000000000000000640000"
                              "00000000000a0000000000010000400000000000000000000004"},
      sample{worker_record{2.0, 3, "pi-3", sample_progress(), 4.0, 1.75, 0.9},
             "adsp::worker_record "
             "4000000000000000000000030470692d330000000000000007000000000000000300000000000010003ff"
             "80000000000003fd00000000000003fc000000000000040238000000000003fe000000000000040100000"
             "000000003ffc0000000000003feccccccccccccd"},
      sample{worker_summary{"pi-3", sample_progress(), 60.0, true},
             "0470692d330000000000000007000000000000000300000000000010003ff80000000000003fd00000000"
             "000003fc000000000000040238000000000003fe0000000000000404e00000000000001"},
      sample{job_result{end_reason::max_time,
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
             "adsp::job_result "
             "010474657874404e000000000000403e00000000000040040000000000003fe00000000000003fec00000"
             "00000000000000000000064000000000000000a0000000000010000400000000000000000000004000000"
             "000000000c0000000000000007000000000000000300000000000010003ff80000000000003fd00000000"
             "000003fc000000000000040238000000000003fe000000000000040140000000000000000000201047069"
             "2d330000000000000007000000000000000300000000000010003ff80000000000003fd00000000000003"
             "fc000000000000040238000000000003fe0000000000000404e0000000000000003000000030000c03f00"
             "0000c00000803e00000000000000030000c03f000000c00000803e"},
      sample{job_status{1.0, sample_record(), 4, sample_progress(), 6, 2.0, true, false},
             "adsp::job_status "
             "3ff000000000000040040000000000003fe00000000000003fec000000000000000000000000006400000"
             "0000000000a00000000000100004000000000000000000000040000000000000004000000000000000700"
             "0000000000000300000000000010003ff80000000000003fd00000000000003fc00000000000004023800"
             "0000000003fe00000000000000000000640000000000000000100"},
  };
}

} // namespace adsp::test
