// A job in virtual time, from its plan to its end.
#include "apps/run/training.hpp"

#include "apps/config/config.hpp"
#include "learning/data/sources/load.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <unistd.h>

using namespace adsp;
using namespace adsp::apps;
namespace fs = std::filesystem;

TEST_CASE("an interrupt ends a simulation at the next timer, however long a step takes") {
  const auto read =
      parse_config("[job]\nmax_steps = 1000\n[data]\nsource = 'quadratic'\nsamples = 50\n"
                   "[model]\nkind = 'quadratic'\n[sync]\npolicy = 'tap'\n"
                   "[[workers]]\ncount = 2\nspeed = 10\n",
                   "job", {});
  REQUIRE(read.errors.empty());
  const auto path = fs::temp_directory_path() / ("adsp-training-" + std::to_string(::getpid()));
  fs::remove_all(path);
  auto directory = std::make_shared<run_directory>(run_directory::create(read.value, path));
  const auto data =
      std::make_shared<const learning::train_and_test>(learning::load(read.value.data));
  progress_printer silent{stderr, false, true, {}};
  const signal_guard signals;
  std::raise(SIGINT);
  const auto end = train(read.value, data, directory, time_kind::virtual_time, silent, signals);
  CHECK(end.trouble.empty());
  CHECK(end.result.reason == end_reason::interrupted);
  CHECK(end.result.total.steps <= 2);
  fs::remove_all(path);
}
