#include "actors/server/base_history.hpp"

#include <algorithm>
#include <utility>

namespace adsp {

void base_history::set_workers(std::uint32_t count) {
  stride_ = std::max<std::uint64_t>(1, (count + states_a_round - 1) / states_a_round);
}

void base_history::offer(std::uint64_t version, std::shared_ptr<const parameter_buffer> state) {
  if (!states_.empty() && version < states_.back().version + stride_)
    return;
  states_.push_back({version, std::move(state)});
  if (states_.size() > capacity)
    states_.erase(states_.begin());
}

const parameter_buffer& base_history::at(std::uint64_t version) const {
  const auto after = std::ranges::upper_bound(states_, version, {}, &held::version);
  return *(after == states_.begin() ? after : after - 1)->state;
}

} // namespace adsp
