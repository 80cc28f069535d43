// `adsp simulate` and `adsp compare --simulate` as a user meets them: the same bytes for the same config
// and seed, an end for every policy, and a reason for every end.
#include "tests/apps/program.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <unistd.h>

namespace fs = std::filesystem;

using nlohmann::json;
using program::adsp;
using program::check_refused;

namespace {

constexpr std::string_view whole_job = R"([job]
name = "bowl"
max_time = "40s"
[data]
source = "quadratic"
samples = 500
dimensions = 8
noise = 0.5
[model]
kind = "quadratic"
[optimizer]
learning_rate = 0.05
batch_size = 4
[sync]
check_period = "4s"
probe_window = "5s"
epoch = "16s"
local_steps = 4
staleness = 3
adapt_interval = "8s"
[evaluation]
interval = "1s"
[ps]
bandwidth = "1Mbit"
[[workers]]
name = "even"
count = 2
step_seconds = "100ms"
jitter = 0.2
latency = "10ms"
[[workers]]
name = "hot"
step_seconds = "200ms"
jitter = 0.1
bandwidth = "1Mbit"
throttle = [{ from = "10s", factor = 3 }, { from = "20s", factor = 1 }]
[[workers]]
name = "late"
step_seconds = "150ms"
join = "12s"
[[workers]]
name = "gone"
step_seconds = "150ms"
leave = "25s"
)";

const char* const run_files[] = {"metrics.csv", "workers.csv", "summary.json", "config.toml",
                                 "model.adsp"};

std::string bytes_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

struct folder {
  folder() : path{fs::temp_directory_path() / ("adsp-simulations-" + std::to_string(::getpid()))} {
    fs::remove_all(path);
    fs::create_directories(path);
    std::ofstream{path / "job.toml"} << whole_job;
  }
  ~folder() { fs::remove_all(path); }

  std::string out(const std::string& name) const { return (path / name).string(); }
  std::string job() const { return out("job.toml"); }

  /// Another config, written from scratch.
  std::string written(const std::string& text) const {
    std::ofstream{path / "other.toml"} << text;
    return out("other.toml");
  }

  json summary(const std::string& run) const {
    return json::parse(bytes_of(path / run / "summary.json"));
  }

  fs::path path;
};

/// A job that runs away at once: each step multiplies the distance from the optimum by hundreds.
std::string runaway(const std::string& policy) {
  return " --set optimizer.learning_rate=1000 --set sync.policy=" + policy + " ";
}

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
    const auto x = adsp("simulate " + job() + " -q --out " + out(name));
    CAPTURE(x.output);
    REQUIRE(x.exit == 0);
  }
  REQUIRE(adsp("simulate " + job() + " -q --set job.seed=2 --out " + out("c")).exit == 0);
  for (const auto* name : run_files) {
    CAPTURE(name);
    const auto first = bytes_of(path / "a" / name);
    CHECK_FALSE(first.empty());
    CHECK(first == bytes_of(path / "b" / name));
    CHECK(first != bytes_of(path / "c" / name));
  }
}

TEST_CASE_FIXTURE(folder, "every policy comes to an end with joins, leaves and throttling") {
  int number = 0;
  for (const auto* policy : {"bsp", "ssp", "tap", "fixed_adacomm", "adacomm", "adsp",
                             "adsp --set sync.search=paper --set sync.reference_loss=0.01"}) {
    CAPTURE(policy);
    const auto run = std::to_string(number++);
    const auto x =
        adsp("simulate " + job() + " -q --out " + out(run) + " --set sync.policy=" + policy);
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

TEST_CASE_FIXTURE(folder, "a report of a simulated run") {
  REQUIRE(adsp("simulate " + job() + " -q --out " + out("r")).exit == 0);
  const auto x = adsp("report " + out("r"));
  CAPTURE(x.output);
  CHECK(x.exit == 0);
  CHECK(bytes_of(path / "r" / "report.html").find("bowl") != std::string::npos);
}

TEST_CASE_FIXTURE(folder, "what cannot be simulated is refused in one line") {
  const auto simulate = "simulate " + job() + " --out " + out("r") + " ";
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
  check_listed(out("none.csv"), "seconds", "none.csv: cannot be read");
  std::ofstream{path / "steps.csv"} << "seconds\n0.1\n0.2\n";
  check_listed(out("steps.csv"), "hours", "no column \"hours\"");
  std::ofstream{path / "steps.csv"} << "seconds\n0.1\n4e-10\n";
  check_listed(out("steps.csv"), "seconds", "holds 4e-10, expected a number of at least 1e-09");
  CHECK_FALSE(fs::exists(path / "r"));
}

TEST_CASE_FIXTURE(folder, "a model that does not fit the data ends the program with a reason") {
  check_refused(adsp("simulate " + job() + " --out " + out("r") + " --set model.kind=mlp",
                     "exec timeout 60 "),
                2, "classes");
}

TEST_CASE_FIXTURE(folder, "a target out of reach: the job ends at its time and says so") {
  const auto x = adsp("simulate " + job() + " --out " + out("r") +
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
                        " -q --set sync.policy=" + policy + " --out " + out(policy));
    CAPTURE(x.output);
    CHECK(x.exit == 1);
    CHECK(x.output.find("adsp: every worker has left or failed") != std::string::npos);
    CHECK(summary(policy)["duration_s"].get<double>() == doctest::Approx(5));
    CHECK(std::isfinite(loss_of(out(policy) + "/model.adsp")));
  }
}

TEST_CASE_FIXTURE(folder, "a job that all have left goes on when the next ones come") {
  const auto config = written("[job]\nmax_time = '30s'\n[data]\nsource = 'quadratic'\n"
                              "[model]\nkind = 'quadratic'\n[optimizer]\nlearning_rate = 0.02\n"
                              "[sync]\ncheck_period = '4s'\nprobe_window = '5s'\nlocal_steps = 5\n"
                              "[evaluation]\ninterval = '1s'\n"
                              "[[workers]]\nname = 'early'\ncount = 2\nspeed = 10\nleave = '8s'\n"
                              "[[workers]]\nname = 'late'\nspeed = 10\njoin = '15s'\n");
  for (const auto* policy : {"bsp", "ssp", "tap", "fixed_adacomm", "adacomm", "adsp"}) {
    CAPTURE(policy);
    const auto x =
        adsp("simulate " + config + " -q --set sync.policy=" + policy + " --out " + out(policy));
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
    const auto x = adsp("simulate " + job() + " -q --out " + out(policy) + runaway(policy));
    CAPTURE(x.output);
    CHECK(x.exit == 1);
    CHECK(x.output.find("diverged") != std::string::npos);
    CHECK(summary(policy)["end_reason"] == "failed");
    const auto loss = loss_of(out(policy) + "/model.adsp");
    CHECK(std::isfinite(loss));
    CHECK(loss == doctest::Approx(summary(policy)["final_loss"].get<double>()).epsilon(1e-3));
  }
}

TEST_CASE_FIXTURE(folder, "a comparison tunes, measures, and is the same when it is made again") {
  const std::string arguments =
      "compare " + job() +
      " --simulate --policies bsp,adsp:overlap=false --seeds 2 --set evaluation.target_loss=0.1"
      " --tune 'optimizer.learning_rate=0.02|0.05' --out ";
  const auto x = adsp(arguments + out("first"));
  CAPTURE(x.output);
  REQUIRE(x.exit == 0);
  CHECK(x.output.find("\nbsp ") != std::string::npos);
  CHECK(x.output.find("\nadsp:overlap=false ") != std::string::npos);
  CHECK(fs::file_size(path / "first" / "report.html") > 1000);
  const auto all = json::parse(bytes_of(path / "first" / "compare.json"));
  CHECK(all["simulated"] == true);
  CHECK(all["seeds"] == json{1, 2});
  REQUIRE(all["policies"].size() == 2);
  for (const auto& policy : all["policies"]) {
    CHECK(policy["settings"].size() == 1);
    CHECK(policy["reached"] == 2);
    REQUIRE(policy["runs"].size() == 2);
    for (const auto& run : policy["runs"])
      for (const auto* name : run_files)
        CHECK(fs::exists(path / "first" / run["directory"].get<std::string>() / name));
  }
  CHECK(all["policies"][0]["policy"] == "bsp");
  CHECK(all["policies"][0]["speed_up"]["median"] == 1);
  CHECK(all["policies"][1]["policy"] == "adsp:overlap=false");
  REQUIRE(adsp(arguments + out("second") + " -q --at-once 1").exit == 0);
  CHECK(bytes_of(path / "first" / "compare.json") == bytes_of(path / "second" / "compare.json"));
}

TEST_CASE_FIXTURE(folder,
                  "a comparison that is ended early keeps what has finished, and its baseline") {
  for (const int signal : {SIGINT, SIGKILL}) {
    CAPTURE(signal);
    const auto run = "r" + std::to_string(signal);
    // The first policy would take as good as forever, the second is at its target at once.
    const auto x = program::signalled({"compare", job(), "--simulate", "--policies",
                                       "bsp:optimizer.learning_rate=1e-9,bsp", "--seeds", "1",
                                       "--out", out(run), "--set", "evaluation.target_loss=0.1",
                                       "--set", "job.max_time=1e8", "--at-once", "2"},
                                      "[1/2]", signal);
    CAPTURE(x.output);
    CHECK(x.exit == (signal == SIGINT ? 130 : 128 + SIGKILL));
    const auto all = json::parse(bytes_of(path / run / "compare.json"));
    REQUIRE(all["policies"].size() == 2);
    CHECK(all["policies"][0]["policy"] == "bsp:optimizer.learning_rate=1e-9");
    CHECK(all["policies"][0]["runs"].empty());
    CHECK(all["policies"][1]["runs"].size() == 1);
    CHECK(all["policies"][1]["reached"] == 1);
    CHECK(all["policies"][1]["speed_up"].is_null());
    if (signal == SIGINT) {
      CHECK(x.output.find("no finished run") != std::string::npos);
      CHECK(x.output.find("1 of 2 runs finished") != std::string::npos);
    }
    CHECK(adsp("report " + out(run)).exit == 0);
  }
}

TEST_CASE_FIXTURE(folder, "a comparison in which nothing can be trained fails") {
  const auto compare = "compare " + job() + " --simulate --policies bsp --seeds 1 --out ";
  const auto x = adsp(compare + out("r") + runaway("bsp"));
  CAPTURE(x.output);
  CHECK(x.exit == 1);
  CHECK(x.output.find("adsp: the training failed in every run") != std::string::npos);
  const auto y = adsp(compare + out("s") + " --tune 'optimizer.learning_rate=1000|2000'");
  CAPTURE(y.output);
  CHECK(y.exit == 1);
  CHECK(y.output.find("adsp: bsp: the training failed with every setting") != std::string::npos);
  CHECK(y.output.find("no finished run") != std::string::npos);
  const auto z = adsp(compare + out("t") + " --tune 'optimizer.learning_rate=1000|0.05'");
  CAPTURE(z.output);
  CHECK(z.exit == 0);
  CHECK(z.output.find("with optimizer.learning_rate=0.05") != std::string::npos);
}

TEST_CASE_FIXTURE(folder, "a comparison that makes no sense is refused") {
  const auto compare = "compare " + job() + " --simulate --out " + out("r") + " --policies ";
  check_refused(adsp(compare + "bsp,best"), 2, "found \"best\"");
  check_refused(adsp(compare + "bsp --tune optimizer.learning_rate"), 2, "--tune");
  check_refused(adsp(compare + "bsp --tune optimizer.learning_rate=0.1"), 2, "--tune");
  check_refused(adsp(compare + "bsp:job.seed=4"), 2, "must be the same for all");
  check_refused(adsp(compare + "bsp:polizy=4"), 2, "sync.polizy");
  const auto none = adsp(compare + "bsp --seeds 0");
  CHECK(none.exit == 2);
  CHECK(none.output.find("--seeds") != std::string::npos);
  CHECK_FALSE(fs::exists(path / "r"));
}
