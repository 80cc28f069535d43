// Sparse lines of a label and index:value pairs.
#include "learning/data/sources/load.hpp"
#include "learning/data/text/sparse_lines.hpp"
#include "learning/data_error.hpp"
#include "tests/fuzz/memory_file.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>

namespace adsp::fuzz {

namespace {

/// Reads every line; the largest index.
std::uint64_t width_of(const std::string& path) {
  std::uint64_t largest = 0;
  learning::sparse_lines lines{path};
  while (lines.next())
    while (const auto feature = lines.next_feature())
      largest = std::max(largest, feature->index);
  return largest;
}

void load_as(const std::string& path, const char* task) {
  learning::data_options options;
  options.source = "libsvm";
  options.path = path;
  options.task = task;
  try {
    learning::load(options);
  } catch (const learning::data_error&) {
  }
}

} // namespace

const target libsvm{"libsvm",
                    [](std::string_view bytes) {
                      const memory_file file{bytes};
                      try {
                        // Wide samples are legal and take the memory that they say.
                        if (width_of(file.path()) > 10'000)
                          return;
                      } catch (const learning::data_error&) {
                      }
                      load_as(file.path(), "classification");
                      load_as(file.path(), "regression");
                    },
                    [] {
                      return std::vector<std::string>{"b 1:1\na 2:1\nb 1:2\na 3:1\nb 1:1\na 2:1\n",
                                                      "# none\n\n-1 1:0.5 7:-2e-3 # end\r\n+1\n",
                                                      "1.5 3:1\n2.5 3:2\n-1 1:1\n0 2:4"};
                    }};

} // namespace adsp::fuzz
