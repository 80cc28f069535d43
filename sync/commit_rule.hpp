// How a shard applies commits: the policy and the config make this value, the `host` message
// carries it to the shard's node, and the shard's store follows it. A new option is a member here
// and in `inspect` of messages/inspect_sync.hpp.
#pragma once

#include <cstdint>

namespace adsp::sync {

/// The rules, with W the parameters, U an update (parameters before a worker's steps less those
/// after them), beta = `momentum`, V and the like zero at the start. docs/policies.md has each
/// rule's source.
enum class rule_kind : std::uint8_t {
  // On every commit:
  plain,    ///< W <- W - eta U
  damped,   ///< W <- W - eta (U + (W - B) / 2), B the state that U began from; sync/damping.hpp
  velocity, ///< V <- beta V + eta U, W <- W - V
  delayed_nesterov, ///< W <- W - eta U / N; each N-th also V <- beta V + mean of N, W <- W - eta beta V
  look_ahead,       ///< Nesterov's momentum on U turned towards V; answers with W - eta beta V
  // On every N-th commit:
  buffered, ///< g = mean of U / sqrt(1 + staleness), V <- beta V + g, W <- W - eta V
  rennala,  ///< W <- W - eta (mean of U), of those that began from W; others change nothing
  // Once a round, g the mean of the round's U, weighted by their steps to the power of step_weight:
  nesterov,           ///< V <- beta V + g, W <- W - eta (g + beta V)
  scheduled_nesterov, ///< the same with min(beta, (k - 1) / (k + 2), 1 - 1 / (M^2 - M)) at the k-th
                      ///< step, M workers, and g smaller in rounds of less than the usual weight
  adam,               ///< V <- beta V + (1 - beta) g, S <- beta2 S + (1 - beta2) g^2,
                      ///< W <- W - eta V / (sqrt S + floor)
  yogi,               ///< the same with S <- S - (1 - beta2) g^2 sign(S - g^2)
};

/// Whether a shard moves at the end of a round.
constexpr bool moves_by_round(rule_kind kind) {
  return kind >= rule_kind::nesterov;
}

struct commit_rule {
  rule_kind kind = rule_kind::plain;
  double eta = 1;          ///< factor of every step, until the scheduler sends another
  double momentum = 0;     ///< 0 <= momentum < 1
  double step_weight = 1;  ///< rules by round: an update of n steps has the weight n^step_weight
  double beta2 = 0.99;     ///< adam, yogi: 0 <= beta2 < 1
  double floor = 1e-3;     ///< adam, yogi: added to the root
  std::uint32_t count = 1; ///< N; scheduled_nesterov, look_ahead: workers, M, at the start
  bool barrier = false; ///< rules by round: a round ends when the next one's parameters are asked
                        ///< for, and not when the scheduler says so (`close_round`)
  bool operator==(const commit_rule&) const = default;
};

} // namespace adsp::sync
