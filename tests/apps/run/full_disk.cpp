// Results that are longer than what is held back, and cannot be written: one line says so.
#include "tests/apps/bowl_folder.hpp"

#include <doctest/doctest.h>

namespace fs = std::filesystem;

using namespace bowl;
using program::adsp;
using program::check_refused;
using program::full_disk;

namespace {

constexpr const char* trouble = "adsp: standard output: cannot be written: No space left on device";

} // namespace

TEST_CASE_FIXTURE(folder, "a long result that cannot be printed is one error, and the files stay") {
  const std::string many = " " + job() + " --set job.max_time=0.5 --set workers.0.count=50" +
                           " --set workers.0.name=" + std::string(60, 'w');
  check_refused(adsp("check" + many, full_disk), 1, trouble);
  for (const auto* command : {"run", "simulate"}) {
    CAPTURE(command);
    check_refused(adsp(command + many + " -q --out " + file(command), full_disk), 1, trouble);
    for (const auto* name : run_files)
      CHECK(fs::exists(path / command / name));
  }
}

TEST_CASE_FIXTURE(folder, "a long comparison that cannot be printed is one error") {
  auto deep = path; // its name is printed twice
  for (int i = 0; i < 11; ++i)
    deep /= std::string(200, 'd');
  check_refused(adsp("compare " + job() + " --set job.max_time=2 --simulate --seeds 1 -q" +
                         " --policies bsp --out " + deep.string(),
                     full_disk),
                1, trouble);
  CHECK(fs::exists(deep / "compare.json"));
  CHECK(fs::exists(deep / "report.html"));
}

TEST_CASE_FIXTURE(folder, "many certificates that cannot be printed are one error") {
  std::string nodes;
  for (int i = 0; i < 40; ++i)
    nodes += " --node pi-" + std::to_string(i);
  check_refused(adsp("certs " + file("certs") + nodes, full_disk), 1, trouble);
  CHECK(fs::exists(path / "certs" / "pi-39.key"));
}
