// A folder with a file of data and the model trained on it.
#pragma once

#include "tests/apps/program.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>

namespace program {

namespace fs = std::filesystem;

struct tables {
  tables() : path{fs::temp_directory_path() / ("adsp-tables-" + std::to_string(::getpid()))} {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~tables() { fs::remove_all(path); }

  std::string out(const std::string& name) const { return (path / name).string(); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream{path / name, std::ios::binary} << text;
  }

  /// Trains on t.csv; leaves r/model.adsp.
  void train(const std::string& data, const std::string& model,
             const std::string& source = "csv") const {
    fs::remove_all(path / "r");
    write("t.toml", "[job]\nmax_steps = 2000\n[data]\nsource = '" + source + "'\npath = '" +
                        out("t.csv") + "'\n" + data + "[model]\n" + model +
                        "[optimizer]\nlearning_rate = 0.2\n[sync]\npolicy = 'bsp'\n"
                        "[[workers]]\nstep_seconds = 0.01\n");
    const auto trained = adsp("simulate " + out("t.toml") + " -q --out " + out("r"));
    CAPTURE(trained.output);
    REQUIRE(trained.exit == 0);
    // Whatever predicts numbers is neither right nor wrong.
    const bool numbers = data.find("regression") != std::string::npos;
    CHECK((trained.output.find("accuracy") == std::string::npos) == numbers);
    CHECK((text("r/summary.json").find("\"final_accuracy\": null") != std::string::npos) ==
          numbers);
    CHECK(adsp("report " + out("r")).exit == 0);
  }

  std::string text(const std::string& name) const {
    std::ostringstream all;
    all << std::ifstream{path / name}.rdbuf();
    return all.str();
  }

  fs::path path;
};

} // namespace program
