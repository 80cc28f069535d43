// Runs a topology in virtual time: CAF's deterministic scheduler with a clock made for very many
// timers. One thread; messages run in the order of arrival, timers in the order of their times, or
// of their insertion if times are equal.
#pragma once

#include "actors/clock/timer_queue.hpp"

#include <caf/detail/test_actor_clock.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message_id.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace adsp {

/// A clock that stands still until the next timer is triggered.
class virtual_clock final : public caf::detail::test_actor_clock {
public:
  /// Advances to the earliest timer and delivers it. False if there is none.
  bool trigger_next();

  /// When the earliest timer is due, even if it is the timeout of a request that has been answered.
  std::optional<time_point> next_due() const;

  void set_request_timeout(time_point t, caf::abstract_actor* self, caf::message_id id) override;
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void cancel_all() override;

  using caf::detail::test_actor_clock::schedule_message; // to groups: not used here

private:
  /// What a timer delivers: a message, or if there is none, the timeout of a request.
  struct payload {
    caf::strong_actor_ptr receiver;
    caf::mailbox_element_ptr content;
    caf::message_id request;
    std::size_t receiver_size = 0; ///< bytes, its control block with them
  };

  void add(time_point due, payload what);
  /// Takes the next few timers out of the queue and loads the memory of all their actors together:
  /// one after the other, a simulation with many would wait for memory most of the time. False when
  /// there are none.
  bool look_ahead();
  void deliver(payload due);

  std::vector<timer_queue::key> soon_; ///< the earliest timers, the first of them last
  timer_queue timers_;                 ///< all others
  std::vector<payload> payloads_;
  std::vector<std::uint32_t> free_;                            ///< free slots of `payloads_`
  std::set<std::pair<caf::actor_id, std::uint64_t>> answered_; ///< requests whose timers are void
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
