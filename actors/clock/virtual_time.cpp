#include "actors/clock/virtual_time.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/sec.hpp>

#include <algorithm>
#include <malloc.h>

namespace adsp {

namespace {

constexpr std::size_t cache_line = 64; ///< bytes

/// Timers that are taken from the queue at a time.
constexpr std::size_t ahead = 8;

} // namespace

bool virtual_clock::trigger_next() {
  if (soon_.empty() && !look_ahead())
    return false;
  const auto first = soon_.back();
  soon_.pop_back();
  current_time = std::max(current_time, first.due);
  auto due = std::move(payloads_[first.slot]);
  free_.push_back(first.slot);
  deliver(std::move(due));
  return true;
}

std::optional<virtual_clock::time_point> virtual_clock::next_due() const {
  if (!soon_.empty())
    return soon_.back().due;
  if (timers_.empty())
    return std::nullopt;
  return timers_.first().due;
}

bool virtual_clock::look_ahead() {
  while (soon_.size() < ahead && !timers_.empty())
    soon_.push_back(timers_.pop());
  std::ranges::reverse(soon_);
  const auto load = [](const void* from) {
    static_cast<void>(*static_cast<const volatile char*>(from));
  };
  for (const auto& timer : soon_) {
    const auto& due = payloads_[timer.slot];
    const auto* actor = reinterpret_cast<const char*>(due.receiver.get());
    for (std::size_t at = 0; at < due.receiver_size; at += cache_line)
      load(actor + at);
    if (due.content)
      load(due.content.get());
  }
  return !soon_.empty();
}

void virtual_clock::deliver(payload due) {
  if (due.content) {
    due.receiver->enqueue(std::move(due.content), nullptr);
    return;
  }
  if (!answered_.empty() && answered_.erase({due.receiver->id(), due.request.integer_value()}) > 0)
    return;
  due.receiver->get()->eq_impl(due.request, due.receiver, nullptr, caf::sec::request_timeout);
}

void virtual_clock::set_request_timeout(time_point t, caf::abstract_actor* self,
                                        caf::message_id id) {
  add(t, {caf::actor_cast<caf::strong_actor_ptr>(self), nullptr, id});
}

void virtual_clock::cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) {
  answered_.emplace(self->id(), id.integer_value());
}

void virtual_clock::cancel_timeouts(caf::abstract_actor*) {
  // Timeouts of an actor that has ended are dropped on arrival.
}

void virtual_clock::schedule_message(time_point t, caf::strong_actor_ptr receiver,
                                     caf::mailbox_element_ptr content) {
  add(t, {std::move(receiver), std::move(content), {}});
}

void virtual_clock::cancel_all() {
  test_actor_clock::cancel_all();
  soon_.clear();
  timers_.clear();
  payloads_.clear();
  free_.clear();
  answered_.clear();
}

void virtual_clock::add(time_point due, payload what) {
  what.receiver_size = malloc_usable_size(what.receiver.get());
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(payloads_.size());
    payloads_.push_back(std::move(what));
  } else {
    slot = free_.back();
    free_.pop_back();
    payloads_[slot] = std::move(what);
  }
  const timer_queue::key timer{due, order_++, slot};
  if (soon_.empty() || !(timer < soon_.front()))
    timers_.push(timer);
  else
    soon_.insert(std::ranges::find_if(soon_, [&](const auto& each) { return each < timer; }),
                 timer);
}

} // namespace adsp
