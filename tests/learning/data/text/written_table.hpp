// A table in a temporary file, and what is said of it when it is loaded.
#pragma once

#include "learning/data/dataset.hpp"
#include "learning/data/sources/load.hpp"
#include "learning/data_error.hpp"
#include "tests/learning/data/sources/idx_files.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

namespace adsp::learning {

struct table {
  temporary_folder folder;
  data_options options;

  explicit table(const std::string& text) {
    options.source = "csv";
    options.path = (folder.path / "table").string();
    options.target = "y";
    write_text(text);
  }

  void write_text(const std::string& text) const {
    std::ofstream(options.path, std::ios::binary) << text;
  }

  std::string trouble() const try {
    load(options);
    return "no error";
  } catch (const data_error& error) {
    return error.what();
  }

  bool complains(const std::string& text) const {
    const auto found = trouble();
    CAPTURE(found);
    CHECK(found.find(text) != std::string::npos);
    return found.find(text) != std::string::npos;
  }
};

} // namespace adsp::learning
