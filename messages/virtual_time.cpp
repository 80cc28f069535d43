#include "messages/virtual_time.hpp"

#include "messages/fetch_ahead.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/sec.hpp>

#include <algorithm>

namespace adsp {

namespace {

constexpr std::size_t children = 4;

/// Of an actor, from its control block on: what handling a message touches.
constexpr std::size_t actor_bytes = 1792;

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
  heap_.clear();
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
  const key fresh{due, order_++, slot};
  if (next_.empty() || next_.front() < fresh) {
    push(fresh);
    return;
  }
  const auto place = std::upper_bound(next_.begin(), next_.end(), fresh,
                                      [](const key& a, const key& b) { return b < a; });
  next_.insert(place, fresh);
  if (next_.size() > ahead) {
    push(next_.front());
    next_.erase(next_.begin());
  }
}

void virtual_clock::push(const key& x) {
  heap_.push_back(x);
  auto at = heap_.size() - 1;
  while (at > 0) {
    const auto parent = (at - 1) / children;
    if (!(x < heap_[parent]))
      break;
    heap_[at] = heap_[parent];
    at = parent;
  }
  heap_[at] = x;
}

virtual_clock::key virtual_clock::pop() {
  const auto first = heap_.front();
  const auto last = heap_.back();
  heap_.pop_back();
  std::size_t at = 0;
  while (true) {
    const auto begin = at * children + 1;
    if (begin >= heap_.size())
      break;
    const auto end = std::min(begin + children, heap_.size());
    auto least = begin;
    for (auto i = begin + 1; i < end; ++i)
      if (heap_[i] < heap_[least])
        least = i;
    if (!(heap_[least] < last))
      break;
    heap_[at] = heap_[least];
    at = least;
  }
  if (!heap_.empty())
    heap_[at] = last;
  return first;
}

void virtual_clock::refill() {
  while (next_.size() < ahead && !heap_.empty()) {
    next_.insert(next_.begin(), pop());
    __builtin_prefetch(&slots_[next_.front().slot]);
  }
  // In the middle of the queue: its payload has arrived, its turn has not.
  if (next_.size() == ahead) {
    fetch_actor(ahead / 4);
    fetch_state(3 * ahead / 4);
  }
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

void virtual_clock::fetch_actor(std::size_t position) {
  const auto& x = slots_[next_[position].slot];
  fetch_ahead(x.receiver.get(), actor_bytes);
  if (x.content)
    fetch_ahead(x.content.get(), content_bytes);
}

} // namespace adsp
