// Recent states of a shard, from which the updates in flight may have started.
#pragma once

#include "messages/blocks/parameter_block.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace adsp {

/// Keeps states of the last round and a half of commits, by reference: nothing is copied, and
/// memory does not grow with the number of workers. With many workers it keeps only every n-th
/// state.
class base_history {
public:
  static constexpr std::size_t states_a_round = 8;
  static constexpr std::size_t capacity = states_a_round * 3 / 2;

  base_history() { states_.reserve(capacity + 1); }

  /// Sets the number of workers that commit: a round is about as many versions.
  void set_workers(std::uint32_t count);

  /// Offers the state of a version, which grows from call to call.
  void offer(std::uint64_t version, std::shared_ptr<const parameter_buffer> state);

  /// The latest kept state at or before `version`; the oldest if all are later. There must have
  /// been an offer.
  const parameter_buffer& at(std::uint64_t version) const;

  void clear() { states_.clear(); }

  std::size_t size() const { return states_.size(); }

private:
  struct held {
    std::uint64_t version;
    std::shared_ptr<const parameter_buffer> state;
  };

  std::uint64_t stride_ = 1; ///< versions between two states
  std::vector<held> states_; ///< in the order of their versions
};

} // namespace adsp
