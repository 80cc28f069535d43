#include "actors/scheduler/worker_rows.hpp"

#include "sync/implicit_momentum.hpp"

namespace adsp {

std::vector<worker_record> worker_rows::finish(const sync::membership& members, sync::seconds time,
                                               const sync::policy_status& shown, double asked) {
  asking_ = false;
  const auto asked_now = asked - std::exchange(asked_before_, asked);
  before_.resize(members.all().size());
  const auto present = members.ids_present();
  sync::implicit_momentum momentum;
  for (const auto who : present) {
    const auto& counts = members[who].done;
    const auto done = counts - std::exchange(before_[who], counts);
    // With a timer the rate may be below one commit per period, so that the count of a single
    // period says little.
    const auto commits = shown.commit_rate > 0 ? asked_now : static_cast<double>(done.commits);
    if (shown.asynchronous)
      momentum.add(static_cast<double>(done.steps), commits);
  }
  std::vector<worker_record> rows;
  rows.reserve(present.size());
  for (const auto who : present)
    rows.push_back({time, who, members[who].name, members[who].done, shown.commit_target,
                    shown.commit_rate, momentum.value()});
  return rows;
}

} // namespace adsp
