// What the end of a job waits for: a worker that does not answer any more, and whether it dies
// meanwhile or not, the others end well and the model is on disk.
#include "tests/integration/node_cluster.hpp"

using program::count;

namespace {

/// A job whose limit only the fast workers reach, which come when the slow one stands still: its
/// last counts are missing at the end for certain. They need a second and a half on any machine that
/// makes 200 steps a second, long before the slow one's lease is over.
struct closing : program::cluster {
  closing() {
    set("workers.0.step_seconds=[0.2, 0.01, 0.01]");
    set("cluster.start_with=1");
    set("job.max_steps=300");
  }

  /// Until the end waits for w-0, which is among the nodes no more.
  void wait_for_the_end() {
    for (int i : {0, 1})
      nodes.push_back(ps(i));
    silent = worker("w-0");
    boss = scheduler();
    until_trained("w-0");
    silent->send(SIGSTOP);
    for (const auto* name : {"w-1", "w-2"})
      nodes.push_back(worker(name));
    boss->until("job=cluster ending");
    boss->until("job=cluster waiting for the last counts of w-0, for 30 s at most");
  }

  /// What is left ends well, with the counts of all.
  void check_end() {
    check_ends(*boss);
    CHECK(std::filesystem::exists(path / "run" / "model.adsp"));
    const auto end = summary();
    CHECK(end["end_reason"] == "max_steps");
    CHECK(end["workers"].size() == 3);
    std::uint64_t steps = 0;
    for (const auto& x : end["workers"]) {
      CHECK(x["steps"].get<std::uint64_t>() > 0);
      steps += x["steps"].get<std::uint64_t>();
    }
    CHECK(steps == end["steps"].get<std::uint64_t>());
    CHECK(steps >= 300);
  }

  std::unique_ptr<program::process> silent;
  std::unique_ptr<program::process> boss;
};

} // namespace

TEST_CASE_FIXTURE(closing, "a worker that is killed while the end waits for it is waited for no "
                           "longer") {
  wait_for_the_end();
  silent->send(SIGKILL);
  boss->until("node=w-0 lost reason=\"the connection has ended\"");
  check_end();
}

TEST_CASE_FIXTURE(closing, "the end waits for a worker that hangs until its lease is over") {
  set("cluster.lease=20s"); // less than the 30 s
  wait_for_the_end();
  boss->until("node=w-0 lost reason=\"not reached: not heard from");
  check_end();
}

TEST_CASE_FIXTURE(closing, "a worker that is killed while the nodes are told of the end") {
  wait_for_the_end();
  // The others end when they are told, and the scheduler's node waits for one that does not listen.
  for (auto& node : nodes)
    CHECK(node->wait(program::patience + std::chrono::seconds{30}) == 0);
  nodes.clear();
  silent->send(SIGKILL);
  check_end();
  CHECK(count(boss->output(), "node=w-0 lost") == 0);
}
