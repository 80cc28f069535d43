// `adsp simulate` as a user meets it: the same bytes for the same config
// and seed, an end for every policy, and a reason for every end.
#include "tests/apps/bowl_folder.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

namespace fs = std::filesystem;

using namespace bowl;
using nlohmann::json;
using program::adsp;
using program::check_refused;

namespace {

/// The loss that `adsp evaluate` prints.
double loss_of(const std::string& model) {
  const auto x = adsp("evaluate " + model);
  CAPTURE(x.output);
  CHECK(x.exit == 0);
  const auto at = x.output.find("loss ");
  REQUIRE(at != std::string::npos);
  return std::strtod(x.output.c_str() + at + 5, nullptr);
}

} // namespace

TEST_CASE_FIXTURE(folder, "the same config and seed leave the same bytes, another seed others") {
  for (const auto* name : {"a", "b"}) {
    const auto x = adsp("simulate " + job() + " -q --out " + file(name));
    CAPTURE(x.output);
    REQUIRE(x.exit == 0);
  }
  REQUIRE(adsp("simulate " + job() + " -q --set job.seed=2 --out " + file("c")).exit == 0);
  for (const auto* name : run_files) {
    CAPTURE(name);
    const auto first = text(fs::path{"a"} / name);
    CHECK_FALSE(first.empty());
    CHECK(first == text(fs::path{"b"} / name));
    CHECK(first != text(fs::path{"c"} / name));
  }
}

TEST_CASE_FIXTURE(folder, "every policy comes to an end with joins, leaves and throttling") {
  int number = 0;
  std::vector<std::string> policies = policy_names();
  policies.emplace_back("adsp --set sync.search=paper --set sync.reference_loss=0.01");
  for (const auto& policy : policies) {
    CAPTURE(policy);
    const auto run = std::to_string(number++);
    const auto x = adsp("simulate " + job() + " -q --out " + file(run) + under(policy));
    CAPTURE(x.output);
    REQUIRE(x.exit == 0);
    const auto summary = this->summary(run);
    CHECK(summary["end_reason"] == "max_time");
    CHECK(summary["virtual_time"] == true);
    CHECK(summary["duration_s"].get<double>() == doctest::Approx(40));
    CHECK(summary["final_loss"].get<double>() < 0.1);
    REQUIRE(summary["workers"].size() == 5);
    for (const auto& worker : summary["workers"]) {
      CHECK(worker["steps"].get<int>() > 20);
      CHECK(worker["left"].get<bool>() == (worker["name"] == "gone"));
    }
  }
}

TEST_CASE_FIXTURE(folder, "a report of a simulated run, whose model takes no other data") {
  REQUIRE(adsp("simulate " + job() + " -q --out " + file("r")).exit == 0);
  check_refused(adsp("evaluate " + file("r/model.adsp") + " --data " + job()), 2,
                "model.adsp: a quadratic has no data but its own, expected no --data");
  const auto x = adsp("report " + file("r"));
  CAPTURE(x.output);
  CHECK(x.exit == 0);
  CHECK(text("r/report.html").find("bowl") != std::string::npos);
}

TEST_CASE_FIXTURE(folder, "what cannot be simulated is refused in one line") {
  const auto simulate = "simulate " + job() + " --out " + file("r") + " ";
  const std::string head = "[job]\nmax_time = '1s'\n";
  check_refused(adsp("simulate " + written(head)), 2, "at least one group of workers");
  check_refused(adsp("simulate " + written(head + "[[workers]]\nspeed = 0\n")), 2,
                "workers[0].speed: found 0");
  check_refused(adsp(simulate + "--set workers.0.step_seconds=5s"), 2,
                "sync.check_period: a step of");
  check_refused(adsp(simulate + "--set workers.1.step_seconds=0"), 2, "worker hot: a simulation");
  const auto listed = [&](const std::string& file, const std::string& column) {
    return adsp("simulate " + written(head + "[[workers]]\nstep_seconds_file = '" + file +
                                      "'\nstep_seconds_column = '" + column + "'\n"));
  };
  const auto check_listed = [&](const std::string& file, const std::string& column,
                                const std::string& part) {
    const auto x = listed(file, column);
    CAPTURE(x.output);
    CHECK(x.exit == 2);
    CHECK(x.output.substr(0, x.output.find('\n')).find(part) != std::string::npos);
  };
  check_listed(file("none.csv"), "seconds", "none.csv: cannot be read");
  std::ofstream{path / "steps.csv"} << "seconds\n0.1\n0.2\n";
  check_listed(file("steps.csv"), "hours", "no column \"hours\"");
  std::ofstream{path / "steps.csv"} << "seconds\n0.1\n4e-10\n";
  check_listed(file("steps.csv"), "seconds", "holds 4e-10, expected a number of at least 1e-09");
  CHECK_FALSE(fs::exists(path / "r"));
}

TEST_CASE_FIXTURE(folder, "a model that does not fit the data ends the program with a reason") {
  check_refused(adsp("simulate " + job() + " --out " + file("r") + " --set model.kind=mlp",
                     "exec timeout 60 "),
                2, "classes");
}

TEST_CASE_FIXTURE(folder, "a target out of reach: the job ends at its time and says so") {
  const auto x = adsp("simulate " + job() + " --out " + file("r") +
                      " --set evaluation.target_loss=1e-12 --set sync.policy=ssp");
  CAPTURE(x.output);
  CHECK(x.exit == 0);
  CHECK(x.output.find("target not reached") != std::string::npos);
  const auto summary = this->summary("r");
  CHECK(summary["target_reached"] == false);
  CHECK(summary["time_to_target_s"].is_null());
  CHECK(summary["end_reason"] == "max_time");
}

TEST_CASE_FIXTURE(folder, "a job whose workers all leave fails and says that none is left") {
  for (const auto* policy : {"bsp", "ssp", "adsp"}) {
    CAPTURE(policy);
    const auto x = adsp("simulate " +
                        written("[job]\nmax_time = '40s'\n[data]\nsource = 'quadratic'\n"
                                "[model]\nkind = 'quadratic'\n[sync]\ncommit_rate = 4\n"
                                "[[workers]]\ncount = 2\nspeed = 10\nleave = '5s'\n") +
                        " -q --set sync.policy=" + policy + " --out " + file(policy));
    CAPTURE(x.output);
    CHECK(x.exit == 1);
    CHECK(x.output.find("adsp: every worker has left or failed") != std::string::npos);
    CHECK(summary(policy)["duration_s"].get<double>() == doctest::Approx(5));
    CHECK(std::isfinite(loss_of(file(policy) + "/model.adsp")));
  }
}

TEST_CASE_FIXTURE(folder, "a job that all have left goes on when the next ones come") {
  const auto config = written("[job]\nmax_time = '30s'\n[data]\nsource = 'quadratic'\n"
                              "[model]\nkind = 'quadratic'\n[optimizer]\nlearning_rate = 0.02\n"
                              "[sync]\ncheck_period = '4s'\nprobe_window = '5s'\n"
                              "[evaluation]\ninterval = '1s'\n"
                              "[[workers]]\nname = 'early'\ncount = 2\nspeed = 10\nleave = '8s'\n"
                              "[[workers]]\nname = 'late'\nspeed = 10\njoin = '15s'\n");
  for (const auto& policy : policy_names()) {
    CAPTURE(policy);
    const auto x = adsp("simulate " + config + " -q" + under(policy) + "--out " + file(policy));
    CAPTURE(x.output);
    REQUIRE(x.exit == 0);
    const auto summary = this->summary(policy);
    CHECK(summary["duration_s"].get<double>() == doctest::Approx(30));
    REQUIRE(summary["workers"].size() == 3);
    CHECK(summary["workers"][0]["left"] == true);
    CHECK(summary["workers"][2]["name"] == "late");
    CHECK(summary["workers"][2]["steps"].get<int>() >= 145);
  }
}

TEST_CASE_FIXTURE(folder, "a training that diverges leaves its last good model") {
  for (const auto* policy : {"bsp", "adsp"}) {
    CAPTURE(policy);
    const auto x = adsp("simulate " + job() + " -q --out " + file(policy) + runaway(policy));
    CAPTURE(x.output);
    CHECK(x.exit == 1);
    CHECK(x.output.find("diverged") != std::string::npos);
    CHECK(summary(policy)["end_reason"] == "failed");
    const auto loss = loss_of(file(policy) + "/model.adsp");
    CHECK(std::isfinite(loss));
    CHECK(loss == doctest::Approx(summary(policy)["final_loss"].get<double>()).epsilon(1e-3));
  }
}
