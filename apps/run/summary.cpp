#include "apps/run/summary.hpp"
#include "sync/policies.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace adsp::apps {

namespace {

using nlohmann::ordered_json;

/// Shares of `lifetime` seconds; `search` is a share already.
ordered_json shares(const sync::progress& x, double lifetime, double search) {
  const auto part = [&](double seconds) { return lifetime > 0 ? seconds / lifetime : 0.0; };
  return {{"compute", part(x.compute)},
          {"communicate", part(x.communicate)},
          {"wait", part(x.wait)},
          {"search", search}};
}

} // namespace

const char* to_string(end_reason x) {
  switch (x) {
  case end_reason::target_reached:
    return "target_reached";
  case end_reason::max_time:
    return "max_time";
  case end_reason::max_steps:
    return "max_steps";
  case end_reason::interrupted:
    return "interrupted";
  case end_reason::failed:
    break;
  }
  return "failed";
}

double time_to_target(const job_result& x) {
  return x.reason == end_reason::target_reached ? x.time_to_target
                                                : std::numeric_limits<double>::infinity();
}

std::string summary_json(const job& plan, const job_result& x, bool virtual_time) {
  const auto search = x.duration > 0 ? x.search_time / x.duration : 0.0;
  const auto to_target = time_to_target(x);
  const bool reached = std::isfinite(to_target);
  const auto measured = [&](double value) {
    return x.evaluations > 0 && std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
  };
  double lifetime = 0;
  ordered_json workers = ordered_json::array();
  for (const auto& worker : x.workers) {
    const auto& p = worker.progress;
    lifetime += worker.lifetime;
    workers.push_back(
        {{"name", worker.name},
         {"steps", p.steps},
         {"commits", p.commits},
         {"training_loss", p.steps > 0 && std::isfinite(p.loss_sum)
                               ? ordered_json(p.loss_sum / static_cast<double>(p.steps))
                               : ordered_json(nullptr)},
         {"left", worker.left},
         {"time_share", shares(p, worker.lifetime, search)}});
  }
  ordered_json summary = {
      {"job", plan.name},
      {"policy", sync::to_string(plan.sync.policy)},
      {"seed", plan.seed},
      {"virtual_time", virtual_time},
      {"end_reason", to_string(x.reason)},
      {"text", x.text},
      {"target_reached", reached},
      {"time_to_target_s", reached ? ordered_json(to_target) : ordered_json(nullptr)},
      {"duration_s", x.duration},
      {"rollbacks", x.rollbacks},
      {"evaluated_at_s", measured(x.last.seconds)},
      {"final_loss", measured(x.last.loss)},
      {"final_accuracy", measured(x.last.accuracy)},
      {"steps", x.total.steps},
      {"commits", x.total.commits},
      {"bytes", x.total.bytes},
      {"time_share", shares(x.total, lifetime, search)},
      {"workers", workers}};
  return summary.dump(2) + "\n";
}

} // namespace adsp::apps
