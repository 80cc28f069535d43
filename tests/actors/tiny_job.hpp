// A problem small enough to be computed in a test many times: two clouds of points.
#pragma once

#include "actors/plan/job.hpp"
#include "learning/data/dataset.hpp"
#include "learning/random.hpp"
#include "sync/adsp_options.hpp"

#include <cstdint>
#include <memory>

namespace adsp::test {

/// `samples` points in the plane, around (-1, -1) for label 0 and (1, 1) for label 1.
inline learning::dataset two_clouds(std::uint32_t samples, std::uint64_t seed) {
  learning::generator random{seed, "clouds"};
  learning::dataset x;
  x.classes = 2;
  x.features.resize(2, samples);
  for (std::uint32_t i = 0; i < samples; ++i) {
    const auto label = static_cast<std::int32_t>(i % 2);
    const double centre = label == 0 ? -1 : 1;
    x.features(0, i) = static_cast<float>(centre + 0.7 * random.normal());
    x.features(1, i) = static_cast<float>(centre + 0.7 * random.normal());
    x.labels.push_back(label);
  }
  return x;
}

inline std::shared_ptr<const learning::train_and_test> tiny_data() {
  auto data = std::make_shared<learning::train_and_test>();
  data->train = two_clouds(240, 1);
  data->test = two_clouds(100, 2);
  return data;
}

/// Parameters of the softmax model on `tiny_data`: 2 x 2 weights and 2 biases.
inline constexpr std::uint64_t tiny_parameters = 6;

/// A softmax job on `tiny_data` with one worker a step time, two shards, and no end of its own.
inline job tiny_job(sync::policy_kind policy, const std::vector<double>& step_seconds) {
  job x;
  x.name = "tiny";
  x.model.kind = "softmax";
  x.optimizer.batch_size = 8;
  x.ps.shard_size = 4;
  x.evaluation.interval = 0.5;
  x.sync.policy = policy;
  x.sync.check_period = 4;
  x.sync.adsp->step = sync::server_step::commit;
  x.sync.adsp->search = sync::search_kind::none;
  x.sync.adsp->overlap = false;
  for (std::size_t i = 0; i < step_seconds.size(); ++i) {
    worker_group group;
    group.name = "w" + std::to_string(i);
    group.step_seconds = step_seconds[i];
    x.workers.push_back(group);
  }
  return x;
}

} // namespace adsp::test
