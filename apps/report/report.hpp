// `adsp report`: one self-contained page with tables and charts of a run or of a comparison.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace adsp::apps {

struct reported_run {
  std::string policy;
  std::uint64_t seed = 0;
  std::filesystem::path directory; ///< with metrics.csv, workers.csv and summary.json
};

/// The page for some runs. `comparison`: the text of compare.json, and `runs` are all of its runs
/// in its order; or empty, and `runs` is one. Throws std::runtime_error naming the file that is
/// missing or damaged.
std::string report_html(const std::string& title, const std::vector<reported_run>& runs,
                        const std::string& comparison);

/// The page for a directory that holds compare.json or one run. Throws as `report_html`.
std::string report_html(const std::filesystem::path& directory);

} // namespace adsp::apps
