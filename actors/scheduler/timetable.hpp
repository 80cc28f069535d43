// The times at which a job needs attention: the policy's timer, the rows of workers.csv, the count
// of steps, the time limit. A plain object.
#pragma once

#include "sync/step_limit.hpp"
#include "sync/types.hpp"

#include <optional>

namespace adsp {

class timetable {
public:
  timetable() = default;

  /// `max_time`, `max_steps`: 0 for no limit. `row_period`: between two rows of a worker.
  timetable(sync::seconds max_time, std::uint64_t max_steps, sync::seconds row_period)
      : steps{max_steps}, max_time_{max_time > 0 ? max_time : sync::never}, row_period_{
                                                                                row_period} {}

  /// Training starts at time 0.
  void start();

  /// The time at which to set a timer, unless one is set that fires as early. `policy_tick`: when
  /// the policy wants to be called.
  std::optional<sync::seconds> arm(sync::seconds policy_tick);

  /// A timer has fired. Returns the time of what is due; nothing if an earlier timer has handled
  /// it.
  std::optional<sync::seconds> wake(sync::seconds now);

  bool is_over(sync::seconds now) const { return now >= max_time_; }

  /// Whether rows are due at `now`; the next ones are a period later.
  bool take_rows(sync::seconds now);

  sync::step_limit steps{0};

private:
  sync::seconds max_time_ = sync::never;
  sync::seconds row_period_ = sync::never;
  sync::seconds next_rows_ = sync::never;
  sync::seconds armed_for_ = sync::never; ///< when the next timer fires
};

} // namespace adsp
