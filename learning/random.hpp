// Random numbers that are the same in every build: a small generator, seeded with the job's seed
// and the user's stable name, and the few distributions needed.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <string_view>

namespace adsp::learning {

/// xoshiro256** (Blackman and Vigna, 2018), a UniformRandomBitGenerator of 32 bytes.
class generator {
public:
  using result_type = std::uint64_t;

  /// Streams with different names are independent; the same seed, name and index give the same
  /// numbers.
  generator(std::uint64_t seed, std::string_view name, std::uint64_t index = 0);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  result_type operator()() {
    const auto result = std::rotl(state_[1] * 5, 7) * 9;
    const auto shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, 1).
  double uniform();

  /// Uniform integer in [0, bound); `bound` > 0.
  std::uint64_t below(std::uint64_t bound);

  /// Standard normal (Box-Muller, no cached value).
  double normal();

  /// Gamma(shape, 1) (Marsaglia and Tsang, 2000); `shape` > 0.
  double gamma(double shape);

private:
  std::uint64_t state_[4];
};

} // namespace adsp::learning
