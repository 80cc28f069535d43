// Model files that were written once, by the program of each version of the format, are read by
// this one: those of tests/fixtures/models/, from its table.toml and series.toml.
#include "tests/apps/program.hpp"
#include "tests/apps/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

using program::adsp;

namespace {

const std::string models = ADSP_MODELS "/";

/// The jobs have run in the folder of the models: their data have relative paths.
const std::string there = "cd " ADSP_MODELS " && ";

std::string text_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>(in), {}};
}

bool has(const program::outcome& x, const std::string& part) {
  return x.output.find(part) != std::string::npos;
}

struct golden_folder : program::scratch_folder {
  golden_folder() : scratch_folder{"golden"} {}
};

} // namespace

TEST_CASE_FIXTURE(golden_folder, "a model of a table is read in every version of the format") {
  for (const std::string version : {"4", "5"}) {
    CAPTURE(version);
    const auto model = "version" + version + "_table.adsp";
    const auto found = adsp("evaluate " + model, there);
    CAPTURE(found.output);
    CHECK(found.exit == 0);
    CHECK(has(found, "samples   6\n"));
    CHECK(has(found, "loss      0.08607\n"));
    CHECK(has(found, "accuracy  100.00 %"));
    CHECK(adsp("predict " + model + " flowers.csv", there).output ==
          text_of(models + "flowers.predictions.csv"));
    const auto exported = adsp("export " + models + model + " " + file("w.npz"));
    CHECK(has(exported, "4 arrays, 26 parameters in"));
    const auto again =
        adsp("import " + models + model + " " + file("w.npz") + " --out " + file("m.adsp"));
    CHECK(has(again, "26 parameters in"));
    CHECK(adsp("predict " + file("m.adsp") + " flowers.csv", there).output ==
          text_of(models + "flowers.predictions.csv"));
  }
}

TEST_CASE_FIXTURE(golden_folder, "a model of layers over a series is read in every version") {
  write("windows.csv", "1,2,3,4\n9,1.5,3,7\n");
  for (const std::string version : {"4", "5"}) {
    CAPTURE(version);
    const auto model = "version" + version + "_series.adsp";
    const auto found = adsp("evaluate " + model, there);
    CAPTURE(found.output);
    CHECK(found.exit == 0);
    CHECK(has(found, "samples   10\n"));
    CHECK(has(found, "loss      0.03986\n"));
    CHECK(has(found, "RMSE      2.682\n"));
    std::istringstream lines{adsp("predict " + model + " " + file("windows.csv"), there).output};
    std::string head;
    std::getline(lines, head);
    for (const double expected : {4.598867744207382, 4.570998907089233}) {
      double value = 0;
      lines >> value;
      CHECK(value == doctest::Approx(expected).epsilon(1e-5));
    }
  }
}
