// A folder with a file of data and the model trained on it.
#pragma once

#include "tests/apps/program.hpp"
#include "tests/apps/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

namespace program {

namespace fs = std::filesystem;

struct tables : scratch_folder {
  tables() : scratch_folder{"tables"} {}

  /// Trains on t.csv; leaves r/model.adsp.
  void train(const std::string& data, const std::string& model,
             const std::string& source = "csv") const {
    fs::remove_all(path / "r");
    write("t.toml", "[job]\nmax_steps = 2000\n[data]\nsource = '" + source + "'\npath = '" +
                        file("t.csv") + "'\n" + data + "[model]\n" + model +
                        "[optimizer]\nlearning_rate = 0.2\n[sync]\npolicy = 'bsp'\n"
                        "[[workers]]\nstep_seconds = 0.01\n");
    const auto trained = adsp("simulate " + file("t.toml") + " -q --out " + file("r"));
    CAPTURE(trained.output);
    REQUIRE(trained.exit == 0);
    // Whatever predicts numbers is neither right nor wrong.
    const bool numbers = data.find("regression") != std::string::npos;
    CHECK((trained.output.find("accuracy") == std::string::npos) == numbers);
    CHECK((text("r/summary.json").find("\"final_accuracy\": null") != std::string::npos) ==
          numbers);
    CHECK(adsp("report " + file("r")).exit == 0);
  }
};

} // namespace program
