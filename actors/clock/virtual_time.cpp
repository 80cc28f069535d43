#include "actors/clock/virtual_time.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/sec.hpp>

#include <algorithm>

namespace adsp {

bool virtual_clock::trigger_next() {
  if (timers_.empty())
    return false;
  const auto first = timers_.pop();
  current_time = std::max(current_time, first.due);
  auto due = std::move(payloads_[first.slot]);
  free_.push_back(first.slot);
  deliver(std::move(due));
  return true;
}

std::optional<virtual_clock::time_point> virtual_clock::next_due() const {
  if (timers_.empty())
    return std::nullopt;
  return timers_.first().due;
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
  timers_.clear();
  payloads_.clear();
  free_.clear();
  answered_.clear();
}

void virtual_clock::add(time_point due, payload what) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(payloads_.size());
    payloads_.push_back(std::move(what));
  } else {
    slot = free_.back();
    free_.pop_back();
    payloads_[slot] = std::move(what);
  }
  timers_.push({due, order_++, slot});
}

} // namespace adsp
