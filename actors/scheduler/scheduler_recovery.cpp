// How the scheduler keeps good states of a job, and returns to the last one when the loss diverges.
#include "actors/scheduler/scheduler.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace adsp {

bool scheduler_state::look_after(const evaluation& x) {
  const auto found = guard.evaluated(x.loss, x.accuracy);
  switch (found) {
  case sync::health::good:
    for (const auto& shard : setup->shards)
      self->send(shard, keep_atom::value);
    return true;
  case sync::health::doubtful:
    return true;
  case sync::health::diverged:
  case sync::health::lost:
    break;
  }
  const bool returns = sync::rolls_back(setup->plan.sync);
  if (returns && guard.may_return()) {
    roll_back();
    return false;
  }
  if (!returns && found == sync::health::diverged)
    return true; // it may come back by itself
  diverged = true;
  end(end_reason::failed,
      "training diverged: the loss is " +
          (std::isfinite(x.loss) ? fmt::format("{:.4g}", x.loss) : "not finite") +
          "; the model is the last good one; lower optimizer.learning_rate");
  return false;
}

void scheduler_state::roll_back() {
  ++generation;
  guard.restored();
  policy->restored(now());
  for (const auto& shard : setup->shards)
    self->send(shard, restore{generation});
  announce_rate();
  for (worker_id id = 0; id < members.size(); ++id)
    if (members[id].present)
      self->send(members[id].handle, instruction_of(id));
}

} // namespace adsp
