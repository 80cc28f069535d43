// Whole topologies in virtual time, as the tests start and follow them.
#pragma once

#include "actors/one_process.hpp"
#include "tests/actors/tiny_job.hpp"
#include "tests/integration/recording.hpp"
#include "tests/virtual_time.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace adsp::test {

/// A job of which nothing happens but what the test lets happen.
struct virtual_cluster {
  virtual_time world;
  std::shared_ptr<recording> seen = std::make_shared<recording>();
  cluster all;

  void start(const job& plan, const std::shared_ptr<const learning::train_and_test>& data) {
    auto writer = world.own(spawn_mock(world.system, recorder, seen));
    all = spawn_cluster(world.system, plan, data, writer, threads::one);
    world.own(all.scheduler);
    world.own(all.evaluator);
    for (auto& x : all.shards)
      world.own(x);
    for (auto& x : all.workers)
      world.own(x);
  }

  std::optional<job_result> result_within(double seconds) {
    auto pending =
        world.self->request(all.scheduler, std::chrono::seconds{1'000'000}, result_atom::value);
    world.advance(seconds);
    std::optional<job_result> answer;
    // The scheduler ends when it has given the result: then the answer is in the mailbox.
    if (!world.ask<job_status>(all.scheduler, status_atom::value))
      pending.receive([&](job_result& x) { answer = std::move(x); }, [](const caf::error&) {});
    return answer;
  }
};

} // namespace adsp::test
