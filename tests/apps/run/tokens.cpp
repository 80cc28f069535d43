// Jobs over tokens, as a user meets them: what is no token is refused with its place before
// anything is trained, and dropout draws the same in every run of one seed.
#include "tests/apps/program.hpp"
#include "tests/apps/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace fs = std::filesystem;

using program::adsp;
using program::check_refused;

namespace {

const std::string layers = R"([model]
kind = 'layers'
[[model.layer]]
kind = 'embedding'
vocabulary = 5
units = 6
[[model.layer]]
kind = 'dropout'
rate = 0.25
[[model.layer]]
kind = 'gru'
units = 8
[[model.layer]]
kind = 'layer_norm'
[[model.layer]]
kind = 'dropout'
[sync]
policy = 'bsp'
[evaluation]
interval = '5ms'
[[workers]]
count = 2
step_seconds = '1ms'
)";

struct token_folder : program::scratch_folder {
  token_folder() : scratch_folder{"tokens"} {
    write("job.toml",
          "[job]\nmax_steps = 60\n[data]\nsource = 'csv'\ntarget = 'y'\nscale = 'none'\n"
          "task = 'classification'\npath = '" +
              file("rows") + "'\n" + layers);
    std::string text = "a,b,y\n";
    for (int i = 0; i < 70; ++i)
      text += std::to_string(i % 5) + "," + std::to_string(i / 5 % 5) + "," +
              (i % 5 > i / 5 % 5 ? "up" : "down") + "\n";
    write("rows", text);
  }

  /// Every command that trains or would refuses the rows with `text`, and leaves nothing.
  void refuses(const std::string& rows, const std::string& text,
               const std::string& settings = "") const {
    write("rows", rows);
    const auto arguments = " " + file("job.toml") + settings;
    check_refused(adsp("check" + arguments), 2, text);
    for (const std::string command : {"run", "simulate"})
      check_refused(adsp(command + arguments + " --out " + file("out")), 2, text);
    check_refused(
        adsp("compare --simulate" + arguments + " --policies bsp,tap --out " + file("out")), 2,
        text);
    CHECK(!fs::exists(path / "out"));
  }
};

} // namespace

TEST_CASE_FIXTURE(token_folder, "what is no token is refused with file, line and column") {
  const std::string expected = ", expected a token for the embedding, a whole number from 0 to 4";
  refuses("a,b,y\n0,1,p\n2,5,q\n3,4,p\n0,4,q\n", "rows:3: column \"b\": found \"5\"" + expected);
  refuses("a,b,y\n0,1,p\n2,3,q\n-1,4,p\n0,4,q\n", "rows:4: column \"a\": found \"-1\"" + expected);
  refuses("a,b,y\n0.5,1,p\n2,3,q\n1,4,p\n0,4,q\n",
          "rows:2: column \"a\": found \"0.5\"" + expected);
  refuses("a,b,y\n0,1e30,p\n2,3,q\n1,4,p\n0,4,q\n",
          "rows:2: column \"b\": found \"1e30\"" + expected);
  refuses("a,b,y\n,1,p\n0,3,q\n1,4,p\n0,4,q\n1,0,p\n0,1,q\n1,2,p\n0,0,q\n",
          "rows:2: column \"a\": found \"\"" + expected, " --set data.missing=mean");
  refuses("1 1:2 2:3\n0 1:1 2:9\n1 1:0\n0 2:4\n1 1:1\n",
          "rows:2: column 3: found \"2:9\"" + expected, " --set data.source=libsvm");
  const std::string series = " --set data.source=series --set data.task=bins --set data.bins=2"
                             " --set data.window=2 --set data.train_share=0.5";
  refuses("0\n1\n2\n3.5\n4\n3\n2\n1\n0\n1\n", "rows:4: found \"3.5\"" + expected, series);
  // The last number of either part is only predicted: the 7 may stay, the 9 may not.
  refuses("0\n1\n2\n3\n7\n3\n\n9\n2\n1\n7\n", "rows:8: found \"9\"" + expected, series);
}

TEST_CASE_FIXTURE(token_folder, "a file of test samples is named where it is the one") {
  write("others", "1 1:2\n0 1:3 2:77\n");
  refuses("1 1:2 2:3\n0 1:1\n1 1:0\n0 2:4\n", "others:2: column 3: found \"2:77\"",
          " --set data.source=libsvm --set data.test_path=" + file("others"));
}

TEST_CASE_FIXTURE(token_folder, "evaluate and predict refuse what the embedding does not know") {
  const auto run = adsp("simulate " + file("job.toml") + " -q --out " + file("r"));
  CAPTURE(run.output);
  REQUIRE(run.exit == 0);
  const auto model = file("r/model.adsp");
  CHECK(adsp("evaluate " + model).exit == 0);
  write("more", "a,b\n0,1\n4,4\n2,5\n");
  check_refused(adsp("predict " + model + " " + file("more")), 2,
                "more:4: column \"b\": found \"5\", expected a token");
  write("more", "a,b\n0,1\n4,4\n");
  const auto predicted = adsp("predict " + model + " " + file("more"));
  CAPTURE(predicted.output);
  CHECK(predicted.exit == 0);
  write("more", "a,b,y\n0,9,down\n4,9,down\n2,9,up\n3,9,up\n"); // one of them tests
  check_refused(adsp("evaluate " + model + " --data " + file("more")), 2,
                "more:2: column \"b\": found \"9\", expected a token");
  write("more", "name,b,a,y\nx,1,0,down\nz,9,4,up\n"); // a column that the model does not read
  check_refused(adsp("evaluate " + model + " --data " + file("more")), 2,
                "more:3: column \"b\": found \"9\", expected a token");
}

TEST_CASE_FIXTURE(token_folder, "simulations of one seed drop alike") {
  const auto metrics = [&](const std::string& name, const std::string& settings) {
    const auto done = adsp("simulate " + file("job.toml") + " -q --out " + file(name) + settings);
    CAPTURE(done.output);
    REQUIRE(done.exit == 0);
    return text(name + "/metrics.csv");
  };
  const auto first = metrics("one", "");
  CHECK(first == metrics("two", ""));
  CHECK(text("one/model.adsp") == text("two/model.adsp"));
  CHECK(first != metrics("three", " --set job.seed=5"));
  CHECK(first != metrics("four", " --set model.layer.1.rate=0 --set model.layer.4.rate=0"));
}
