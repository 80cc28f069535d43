#include "apps/run/summary.hpp"
#include "sync/policies.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace adsp::apps {

namespace {

using nlohmann::ordered_json;

/// The times as shares of `lifetime` seconds; `search` is a share already.
ordered_json shares(const sync::progress& done, double lifetime, double search) {
  const auto part = [&](double seconds) { return lifetime > 0 ? seconds / lifetime : 0.0; };
  return {{"compute", part(done.compute)},
          {"communicate", part(done.communicate)},
          {"wait", part(done.wait)},
          {"search", search}};
}

} // namespace

const char* to_string(end_reason reason) {
  switch (reason) {
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

double time_to_target(const job_result& result) {
  return result.reason == end_reason::target_reached ? result.time_to_target
                                                     : std::numeric_limits<double>::infinity();
}

std::string summary_json(const job& plan, const job_result& result, bool virtual_time) {
  const auto search = result.duration > 0 ? result.search_time / result.duration : 0.0;
  const auto to_target = time_to_target(result);
  const bool reached = std::isfinite(to_target);
  const auto measured = [&](double value) {
    return result.evaluations > 0 && std::isfinite(value) ? ordered_json(value)
                                                          : ordered_json(nullptr);
  };
  double lifetime = 0;
  ordered_json workers = ordered_json::array();
  for (const auto& worker : result.workers) {
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
      {"end_reason", to_string(result.reason)},
      {"text", result.text},
      {"target_reached", reached},
      {"time_to_target_s", reached ? ordered_json(to_target) : ordered_json(nullptr)},
      {"duration_s", result.duration},
      {"rollbacks", result.rollbacks},
      {"evaluated_at_s", measured(result.last.seconds)},
      {"final_loss", measured(result.last.loss)},
      {"final_accuracy", measured(result.last.accuracy)},
      {"steps", result.total.steps},
      {"commits", result.total.commits},
      {"bytes", result.total.bytes},
      {"time_share", shares(result.total, lifetime, search)},
      {"workers", workers}};
  return summary.dump(2) + "\n";
}

} // namespace adsp::apps
