// Every reader of foreign bytes takes its examples, damaged ones, and what libFuzzer has found.
#include "tests/fuzz/targets.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace fs = std::filesystem;
namespace fuzz = adsp::fuzz;

TEST_CASE("every reader takes its examples, shorter ones, and ones with a wrong byte") {
  std::minstd_rand random{7};
  for (const auto* target : fuzz::all_targets()) {
    CAPTURE(target->name);
    const auto examples = target->examples();
    CHECK_FALSE(examples.empty());
    for (const auto& whole : examples) {
      REQUIRE_NOTHROW(target->read(whole));
      // About 40 of each: enough to find what no check stands before, and soon over.
      const auto stride = whole.size() / 40 + 1;
      for (std::size_t at = 0; at < whole.size(); at += stride) {
        CAPTURE(at);
        REQUIRE_NOTHROW(target->read(std::string_view{whole}.substr(0, at)));
        auto damaged = whole;
        damaged[at] = static_cast<char>(random());
        REQUIRE_NOTHROW(target->read(damaged));
      }
    }
  }
}

TEST_CASE("what has been found once stays mended") {
  int files = 0;
  for (const auto* target : fuzz::all_targets()) {
    const auto folder = fs::path{ADSP_FUZZ_FOUND} / target->name;
    if (!fs::exists(folder))
      continue;
    for (const auto& entry : fs::directory_iterator{folder}) {
      CAPTURE(entry.path().string());
      std::ifstream file{entry.path(), std::ios::binary};
      const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
      REQUIRE_NOTHROW(target->read(bytes));
      ++files;
    }
  }
  MESSAGE(files << " files");
}
