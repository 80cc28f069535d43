#include "actors/clock/virtual_time.hpp"

#include "actors/clock/fetch_ahead.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/sec.hpp>

#include <algorithm>

namespace adsp {

namespace {

/// Of an actor, from its control block on: what handling a message touches.
constexpr std::size_t actor_bytes = 2240;

/// Of a message, likewise.
constexpr std::size_t content_bytes = 192;

} // namespace

bool virtual_clock::trigger_next() {
  refill();
  if (next_.empty())
    return false;
  const auto first = next_.back();
  next_.pop_back();
  refill();
  current_time = std::max(current_time, first.due);
  auto x = std::move(slots_[first.slot]);
  free_.push_back(first.slot);
  deliver(std::move(x));
  return true;
}

void virtual_clock::deliver(payload x) {
  if (x.content) {
    x.receiver->enqueue(std::move(x.content), nullptr);
    return;
  }
  if (!answered_.empty() && answered_.erase({x.receiver->id(), x.request.integer_value()}) > 0)
    return;
  x.receiver->get()->eq_impl(x.request, x.receiver, nullptr, caf::sec::request_timeout);
}

void virtual_clock::set_request_timeout(time_point t, caf::abstract_actor* self,
                                        caf::message_id id) {
  add(t, {caf::actor_cast<caf::strong_actor_ptr>(self), nullptr, id, self->id()});
}

void virtual_clock::cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) {
  answered_.emplace(self->id(), id.integer_value());
}

void virtual_clock::cancel_timeouts(caf::abstract_actor*) {
  // What comes for an actor that has ended is dropped where it arrives.
}

void virtual_clock::schedule_message(time_point t, caf::strong_actor_ptr receiver,
                                     caf::mailbox_element_ptr content) {
  const auto actor = receiver->id();
  add(t, {std::move(receiver), std::move(content), {}, actor});
}

void virtual_clock::cancel_all() {
  test_actor_clock::cancel_all();
  later_.clear();
  next_.clear();
  slots_.clear();
  free_.clear();
  answered_.clear();
}

void virtual_clock::add(time_point due, payload x) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(std::move(x));
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = std::move(x);
  }
  const timer_queue::key fresh{due, order_++, slot};
  if (next_.empty() || next_.front() < fresh) {
    later_.push(fresh);
    return;
  }
  const auto place = std::upper_bound(next_.begin(), next_.end(), fresh,
                                      [](const auto& a, const auto& b) { return b < a; });
  next_.insert(place, fresh);
  if (next_.size() > ahead) {
    later_.push(next_.front());
    next_.erase(next_.begin());
  }
}

void virtual_clock::refill() {
  if (next_.size() + group > ahead || later_.empty())
    return;
  while (next_.size() < ahead && !later_.empty()) {
    next_.insert(next_.begin(), later_.pop());
    __builtin_prefetch(&slots_[next_.front().slot]);
  }
  // In the middle of the queue: its payload has arrived, its turn has not.
  if (next_.size() < ahead)
    return;
  fetch_actors(ahead / 3);
  for (auto i = 2 * ahead / 3; i < 2 * ahead / 3 + group; ++i)
    fetch_state(i);
}

void virtual_clock::fetch_before(caf::actor_id actor, const wakes_soon* what) {
  if (states_.size() <= actor)
    states_.resize(actor + 1);
  states_[actor] = what;
}

void virtual_clock::fetch_state(std::size_t position) {
  const auto actor = slots_[next_[position].slot].actor;
  if (actor < states_.size() && states_[actor] != nullptr)
    states_[actor]->fetch();
}

void virtual_clock::fetch_actors(std::size_t first) {
  // Touched together, so that the processor looks up the addresses of their pages at the same time.
  for (auto i = first; i < first + group; ++i) {
    const auto& x = slots_[next_[i].slot];
    touch(x.receiver.get());
    if (x.content)
      touch(x.content.get());
  }
  for (auto i = first; i < first + group; ++i) {
    const auto& x = slots_[next_[i].slot];
    fetch_ahead(x.receiver.get(), actor_bytes);
    if (x.content)
      fetch_ahead(x.content.get(), content_bytes);
  }
}

} // namespace adsp
