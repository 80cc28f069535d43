#include "sync/commit_gate.hpp"

#include <utility>

namespace adsp::sync {

void commit_gate::start() {
  started_ = true;
  ++revision_;
  for (worker_id who = 0; who < entries_.size(); ++who)
    if (known(who))
      release(who);
}

void commit_gate::join(worker_id who) {
  if (entries_.size() <= who)
    entries_.resize(std::size_t{who} + 1);
  auto& x = entries_[who];
  x = {false, x.released, min_, min_};
  ++at_count_[min_];
  ++revision_;
}

bool commit_gate::leave(worker_id who) {
  if (who >= entries_.size() || entries_[who].count == nowhere)
    return false;
  return drop(std::exchange(entries_[who].count, nowhere)) && update_min();
}

bool commit_gate::advance(worker_id who, std::uint64_t commits) {
  if (!known(who))
    return false;
  auto& x = entries_[who];
  const auto count = x.baseline + commits;
  bool moved = false;
  if (count > x.count) {
    ++at_count_[count];
    const bool last_there = drop(x.count);
    x.count = count;
    moved = last_there && update_min();
  }
  stop_or_pass(who);
  return moved;
}

std::uint64_t commit_gate::permitted(worker_id who) const {
  if (!started_ || !known(who))
    return 0;
  if (staleness_ == unlimited)
    return unlimited;
  return min_ + staleness_ + 1 - entries_[who].baseline;
}

void commit_gate::take_released(std::vector<worker_id>& out) {
  for (auto who : released_) {
    entries_[who].released = false;
    if (known(who))
      out.push_back(who);
  }
  released_.clear();
}

bool commit_gate::may_train(const entry& x) const {
  return staleness_ == unlimited || x.count < min_ + staleness_ + 1;
}

void commit_gate::stop_or_pass(worker_id who) {
  auto& x = entries_[who];
  if (started_ && !x.stopped && !may_train(x)) {
    x.stopped = true;
    stopped_.push_back(who);
  }
}

void commit_gate::release(worker_id who) {
  if (!std::exchange(entries_[who].released, true))
    released_.push_back(who);
}

/// Removes one worker from a count. True when no worker has that count any more.
bool commit_gate::drop(std::uint64_t count) {
  const auto i = at_count_.find(count);
  if (--i->second > 0)
    return false;
  at_count_.erase(i);
  return true;
}

bool commit_gate::update_min() {
  if (at_count_.empty() || at_count_.begin()->first <= min_)
    return false;
  min_ = at_count_.begin()->first;
  ++revision_;
  std::erase_if(stopped_, [this](worker_id who) {
    auto& x = entries_[who];
    if (known(who) && !may_train(x))
      return false;
    x.stopped = false;
    release(who);
    return true;
  });
  return true;
}

} // namespace adsp::sync
