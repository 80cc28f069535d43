#include "apps/compare/ideal_job.hpp"

#include <utility>

namespace adsp::apps {

std::optional<job> ideal_job(job plan) {
  double speed = 0; // steps a second
  for (const auto& worker : plan_workers(plan)) {
    if (worker.device.step_seconds <= 0)
      return std::nullopt;
    speed += 1 / worker.device.step_seconds;
  }
  worker_group all;
  all.name = "all";
  all.step_seconds = 1 / speed;
  plan.workers = {std::move(all)};
  plan.ps.bandwidth = 0;
  plan.wire = {};
  plan.data.partition = "iid"; // whatever it is, one share has everything
  return plan;
}

} // namespace adsp::apps
