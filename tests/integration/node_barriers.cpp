// BSP over real processes: at every step the same losses as in one process, however short the steps
// are.
#include "tests/integration/node_cluster.hpp"

using program::adsp;
using program::cluster;

namespace {

double training_loss(const nlohmann::json& summary, const std::string& worker) {
  for (const auto& each : summary["workers"])
    if (each["name"] == worker)
      return each["training_loss"];
  FAIL("no worker " << worker);
  return 0;
}

} // namespace

TEST_CASE_FIXTURE(cluster, "BSP over processes loses at every step what it does in one process") {
  set("sync.policy=bsp");
  set("workers.0.step_seconds=0");
  set("evaluation.interval=1h"); // but for the last one, whose step is known
  for (int rounds : {1, 2, 3, 10, 100}) {
    CAPTURE(rounds);
    const auto limit = "job.max_steps=" + std::to_string(3 * rounds);
    std::string alone = "run " + (path / "job.toml").string() + " -q --out " +
                        (path / "alone").string() + " --set " + limit;
    for (const auto& word : common)
      alone += " " + word;
    REQUIRE(adsp(alone).exit == 0);
    common.insert(common.end(), {"--set", limit});
    run_to_the_end();
    common.resize(common.size() - 2);

    const auto expected = table("alone", "metrics.csv");
    const auto found = table("run", "metrics.csv");
    REQUIRE_FALSE(expected.empty());
    REQUIRE_FALSE(found.empty());
    CHECK(found.back().at("steps") == std::to_string(3 * rounds));
    CHECK(std::stod(found.back().at("loss")) ==
          doctest::Approx(std::stod(expected.back().at("loss"))).epsilon(1e-5));
    // The mean over all of a worker's steps: one that began from other parameters would show.
    std::ifstream in{path / "alone" / "summary.json"};
    const auto one = nlohmann::json::parse(in);
    const auto all = summary();
    for (const auto* name : {"w-0", "w-1", "w-2"})
      CHECK(training_loss(all, name) == doctest::Approx(training_loss(one, name)).epsilon(1e-5));
    std::filesystem::remove_all(path / "alone");
    std::filesystem::remove_all(path / "run");
  }
}
