// How fast topologies run in virtual time, and what they take: the noisy quadratic on 100 to
// 100,000 workers, one core. The cost of a step is the difference of two runs of different length,
// so that starting and ending the actors does not count; runs of all sizes take turns.
// Machines differ by a factor of three, so the cost of a step is also given as a ratio to that of
// the same arithmetic in a plain loop over a std::priority_queue (bench/plain_loop.hpp), measured in
// the same turns with the same number of workers: sim_ratio_plain_loop is what actors, messages and
// policies make of it.
#include "actors/clock/system_config.hpp"
#include "actors/clock/virtual_run.hpp"
#include "actors/one_process.hpp"
#include "bench/plain_loop.hpp"
#include "learning/data/sources/quadratic_draws.hpp"
#include "sync/adsp_options.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace adsp;

namespace {

constexpr int turns = 3;
constexpr std::uint32_t dimensions = 64;
constexpr std::uint32_t compared = 10'000; ///< workers, with a plain loop

/// Steps of a second, one commit a minute, four samples a minibatch.
job job_of(std::uint32_t workers, double seconds) {
  job x;
  x.name = "simulate";
  x.max_time = seconds;
  x.data.source = "quadratic";
  x.model.kind = "quadratic";
  x.optimizer.batch_size = 4;
  x.optimizer.learning_rate = 0.01;
  x.sync.policy = sync::policy_kind::adsp;
  x.sync.adsp->step = sync::server_step::commit;
  x.sync.adsp->search = sync::search_kind::none;
  x.sync.adsp->commit_rate = 1;
  x.evaluation.interval = 10;
  worker_group group;
  group.count = workers;
  group.step_seconds = 1;
  group.jitter = 0.1;
  group.latency = 0.01;
  x.workers.push_back(group);
  return x;
}

recorder_actor::behavior_type deaf_recorder(recorder_actor::pointer self) {
  return {
      [](const evaluation_record&) {},
      [](const worker_record&) {},
      [=](stop_atom) { self->quit(); },
  };
}

struct measured {
  double wall = 0; ///< seconds
  std::uint64_t steps = 0;
};

measured run(std::uint32_t workers, double seconds,
             const std::shared_ptr<const learning::train_and_test>& data) {
  const auto began = std::chrono::steady_clock::now();
  system_config config{drive::virtual_time};
  caf::actor_system system{config};
  auto& scheduler = dynamic_cast<virtual_coordinator&>(system.scheduler());
  const auto recorder = system.spawn(deaf_recorder);
  const auto all = spawn_cluster(system, job_of(workers, seconds), data, recorder, threads::one);
  std::optional<job_result> result;
  system.spawn<caf::hidden>(
      [&](caf::event_based_actor* self, const scheduler_actor& boss) {
        self->request(boss, caf::infinite, result_atom::value).then([&](job_result& x) {
          result = std::move(x);
        });
      },
      all.scheduler);
  run_until(scheduler, [&] { return result.has_value(); });
  caf::anon_send(recorder, stop_atom::value);
  scheduler.run();
  scheduler.clock().cancel_all();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
  if (!result || result->reason != end_reason::max_time)
    throw std::runtime_error{"the simulated job has failed: " +
                             (result ? result->text : std::string{"no result"})};
  return {wall.count(), result->total.steps};
}

/// The same workers in a plain loop.
measured run_plain(std::uint32_t workers, double seconds,
                   const std::shared_ptr<const learning::train_and_test>& data) {
  const auto began = std::chrono::steady_clock::now();
  const auto steps = run_plain_loop(job_of(workers, seconds), data->train, seconds);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
  return {wall.count(), steps};
}

/// Seconds of wall time a step costs, from runs of two lengths with about `steps` steps between
/// them.
template <class Run>
double step_cost(Run run, std::uint32_t workers, double steps,
                 const std::shared_ptr<const learning::train_and_test>& data) {
  const auto shorter = run(workers, 10, data);
  const auto longer = run(workers, 10 + steps / workers, data);
  return (longer.wall - shorter.wall) / static_cast<double>(longer.steps - shorter.steps);
}

/// Peak resident memory of a process that runs so many workers for ten seconds of virtual time, MB.
double peak_memory(std::uint32_t workers,
                   const std::shared_ptr<const learning::train_and_test>& data) {
  int results[2];
  if (pipe(results) != 0)
    return 0;
  const auto child = fork();
  if (child == 0) {
    run(workers, 10, data);
    std::ifstream status{"/proc/self/status"};
    double kilobytes = 0;
    for (std::string word; status >> word;)
      if (word == "VmHWM:")
        status >> kilobytes;
    const bool sent = write(results[1], &kilobytes, sizeof kilobytes) == sizeof kilobytes;
    _exit(sent ? 0 : 1);
  }
  double kilobytes = 0;
  if (child < 0 || read(results[0], &kilobytes, sizeof kilobytes) != sizeof kilobytes)
    kilobytes = 0;
  waitpid(child, nullptr, 0);
  close(results[0]);
  close(results[1]);
  return kilobytes / 1e3;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

} // namespace

int main() {
  const auto data = std::make_shared<const learning::train_and_test>(
      learning::quadratic_data(100'000, dimensions, 1));
  const auto memory = peak_memory(100'000, data);
  const std::vector<std::uint32_t> sizes{100, 1'000, 10'000, 100'000};
  std::map<std::uint32_t, std::vector<double>> costs;
  std::vector<double> beside_plain;
  for (int turn = 0; turn < turns; ++turn)
    for (auto workers : sizes) {
      costs[workers].push_back(step_cost(run, workers, 3e6, data));
      fmt::print("{} workers: {:.3f} us a step\n", workers, 1e6 * costs[workers].back());
      if (workers != compared)
        continue;
      const auto plain = step_cost(run_plain, workers, 3e6, data);
      fmt::print("{} workers in a plain loop: {:.3f} us a step\n", workers, 1e6 * plain);
      beside_plain.push_back(costs[workers].back() / plain);
    }
  std::vector<double> ratios;
  for (int turn = 0; turn < turns; ++turn)
    ratios.push_back(costs[100'000][turn] / costs[100][turn]);
  fmt::print("RESULT sim_steps_per_s_10k {:.0f} 1/s\n", 1 / median(costs[10'000]));
  fmt::print("RESULT sim_rss_mb_100k {:.0f} MB\n", memory);
  fmt::print("RESULT sim_ratio_plain_loop {:.2f} x\n", median(beside_plain));
  fmt::print("RESULT sim_step_cost_ratio_100_to_100k {:.2f} x\n", median(ratios));
}
