// [[workers]] of a config: devices, and how long their steps take.
#include "apps/config/config.hpp"
#include "tests/apps/config/sound_config.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

using namespace adsp;
using namespace adsp::apps;

TEST_CASE("times and bandwidths that the clock cannot count are refused") {
  for (const auto* key : {"job.max_time", "sync.check_period", "sync.epoch", "sync.probe_window",
                          "sync.adapt_interval", "evaluation.interval", "workers.0.latency",
                          "workers.0.step_seconds"}) {
    CAPTURE(key);
    CHECK(errors_with("", {std::string{key} + "=1e10"}).find("at most") != std::string::npos);
    CHECK(errors_with("", {std::string{key} + "=-1"}).find("found -1") != std::string::npos);
  }
  CHECK(parse_config("[job]\nmax_steps=1\n[sync]\npolicy='tap'\n[[workers]]\nspeed=1e-9\n", "x", {})
            .errors.at(0)
            .key == "workers[0].speed");
  CHECK(errors_with("", {"workers.0.bandwidth=0.5"}).find("at least 1 bit") != std::string::npos);
  CHECK(errors_with("", {"workers.0.bandwidth=0"}).empty());
}

TEST_CASE("a step shorter than the clock's tick is refused, however it is said") {
  for (const auto* text : {"4e-10", "9.9e-10", "1e-300"}) {
    CAPTURE(text);
    CHECK(errors_with("", {"workers.0.step_seconds=" + std::string{text}})
              .find("must be 0 (as fast as it can) or at least 1e-09") != std::string::npos);
    CHECK(errors_with("", {"workers.0.step_seconds=[0.1, " + std::string{text} + "]"})
              .find("at least 1e-09") != std::string::npos);
  }
  CHECK(errors_with("", {"workers.0.step_seconds=0"}).empty());
  CHECK(errors_with("", {"workers.0.step_seconds=1e-9"}).empty());
  const std::string head = "[job]\nmax_steps=1\n[sync]\npolicy='tap'\n[[workers]]\n";
  CHECK(parse_config(head + "speed=1e9\n", "x", {}).value.workers.at(0).step_seconds >= 1e-9);
  CHECK(parse_config(head + "speed=2e9\n", "x", {}).errors.at(0).key == "workers[0].speed");
}

TEST_CASE("devices: step times one by one, throttling, joining and leaving") {
  const auto read =
      parse_config("[job]\nmax_steps = 1\n[[workers]]\nstep_seconds = [0.5, 0.25, 1]\n"
                   "throttle = [{ from = \"1min\", factor = 4 }, { from = 90, factor = 1.0 }]\n"
                   "join = 0\nleave = \"2h\"\n",
                   "x.toml", {});
  REQUIRE(read.errors.empty());
  const auto plans = plan_workers(read.value);
  REQUIRE(plans.size() == 3);
  CHECK(plans[1].device.step_seconds == 0.25);
  CHECK(plans[2].device.throttle == std::vector<throttle_point>{{60, 4}, {90, 1}});
  CHECK(plans[0].device.leave == 7200);
  CHECK(errors_with("count = 2\n").find("x.toml:10: ") == 0);
  CHECK(errors_with("", {"workers.0.step_seconds=[0.5, 1, 2]"}).find("count") != std::string::npos);
  CHECK(errors_with("", {"workers.0.step_seconds=[0.5, 0]"}).find("each a number") !=
        std::string::npos);
  CHECK(errors_with("", {"workers.0.step_seconds=[]"}).find("one a worker") != std::string::npos);
  CHECK(errors_with("join = 5\nleave = 5\n").find("expected a time after join") !=
        std::string::npos);
  CHECK(errors_with("join = 5\n").find("every worker joins later") != std::string::npos);
  CHECK(errors_with("throttle = [{ from = 5 }, { from = 3 }]\n").find("throttle[1].from") !=
        std::string::npos);
  CHECK(errors_with("throttle = [{ form = 5 }]\n").find("did you mean from") != std::string::npos);
  CHECK(errors_with("throttle = 3\n").find("expected a list of tables") != std::string::npos);
  CHECK(errors_with("speed = 0\n").find("workers[0].speed: found 0") != std::string::npos);
}

TEST_CASE("step times from a column of a CSV file") {
  const auto file = std::filesystem::temp_directory_path() /
                    ("adsp-steps-" + std::to_string(::getpid()) + ".csv");
  std::ofstream{file} << "machine,seconds\na,0.5\nb,0.25\nc,2\n";
  const auto from = "step_seconds_file = \"" + file.string() + "\"\n";
  const std::string head = "[job]\nmax_steps = 1\n[[workers]]\n";
  const auto read = parse_config(head + from + "step_seconds_column = \"seconds\"\n", "x.toml", {});
  REQUIRE(read.errors.empty());
  CHECK(read.value.workers[0].count == 3);
  CHECK(read.value.workers[0].each_step_seconds == std::vector<double>{0.5, 0.25, 2});
  CHECK(parse_config(to_toml(read.value), "y.toml", {}).value.workers[0].each_step_seconds ==
        read.value.workers[0].each_step_seconds);
  const auto errors = [&](const std::string& lines, const std::vector<std::string>& set = {}) {
    std::string all;
    for (const auto& error : parse_config(head + lines, "x.toml", set).errors)
      all += to_string(error) + "\n";
    return all;
  };
  const std::string column = "step_seconds_column = \"seconds\"\n";
  CHECK(errors(from + "step_seconds_column = \"machine\"\n").find("found \"a\"") !=
        std::string::npos);
  CHECK(errors(from + column + "count = 2\n").find("step_seconds lists 3 workers") !=
        std::string::npos);
  const auto both = errors(from + column + "step_seconds = 1\n");
  CHECK(both.find("step_seconds_file: step_seconds or speed says the same") != std::string::npos);
  CHECK(std::count(both.begin(), both.end(), '\n') == 1);
  // What --set says replaces what the file says in another way.
  const std::vector<std::string> file_by_set = {"workers.0.step_seconds_file=" + file.string(),
                                                "workers.0.step_seconds_column=seconds"};
  CHECK(errors("step_seconds = 1\n", file_by_set).empty());
  CHECK(errors("speed = 1\n", file_by_set).empty());
  CHECK(errors(from + column, {"workers.0.step_seconds=1"}).empty());
  CHECK(errors("step_seconds = 1\n", {"workers.0.speed=2"}).empty());
  std::filesystem::remove(file);
}
