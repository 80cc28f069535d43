// CAF's deterministic scheduler with a clock made for very many timers: what runs a topology in
// virtual time. One thread; messages in the order of their arrival, timers in the order of their
// times, and of their setting where times are equal.
#pragma once

#include "actors/clock/timer_queue.hpp"

#include <caf/detail/test_actor_clock.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message_id.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <utility>
#include <vector>

namespace adsp {

/// What is worth fetching from memory before an actor runs.
struct wakes_soon {
  virtual ~wakes_soon() = default;
  virtual void fetch() const = 0;
};

/// A clock that stands still until the next timer is triggered. The next few are kept apart, and
/// the memory of the actors they will wake is fetched ahead.
class virtual_clock final : public caf::detail::test_actor_clock {
public:
  /// Moves to the earliest timer and delivers it. False when there is none.
  bool trigger_next();

  void set_request_timeout(time_point t, caf::abstract_actor* self, caf::message_id id) override;
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void cancel_all() override;

  /// Calls `what->fetch()` shortly before a timer of the actor; null: no longer.
  void fetch_before(caf::actor_id actor, const wakes_soon* what);

  using caf::detail::test_actor_clock::schedule_message; // to groups: not used here

private:
  /// What a timer delivers: a message, or without one the timeout of a request.
  struct payload {
    caf::strong_actor_ptr receiver;
    caf::mailbox_element_ptr content;
    caf::message_id request;
    caf::actor_id actor = 0; ///< the receiver's, without a look at it
  };

  void add(time_point due, payload x);
  void refill();
  void fetch_actors(std::size_t first);
  void fetch_state(std::size_t position);
  void deliver(payload x);

  static constexpr std::size_t ahead = 24;
  static constexpr std::size_t group = 4; ///< so many are taken and fetched together

  timer_queue later_;
  std::vector<timer_queue::key> next_; ///< the earliest, latest first; at most `ahead` + 1
  std::vector<payload> slots_;
  std::vector<std::uint32_t> free_;
  std::set<std::pair<caf::actor_id, std::uint64_t>> answered_; ///< requests whose timers are void
  std::vector<const wakes_soon*> states_;                      ///< by actor id; null: none
  std::uint64_t order_ = 0;
};

class virtual_coordinator final : public caf::scheduler::test_coordinator {
public:
  using caf::scheduler::test_coordinator::test_coordinator;

  virtual_clock& clock() noexcept override { return clock_; }

private:
  virtual_clock clock_;
};

} // namespace adsp
