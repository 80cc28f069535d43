// What a report shows of one run: few enough points to draw, as JSON for the page's script.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace adsp::apps {

/// Points of a line at most.
constexpr std::size_t max_points = 1000;

/// Workers shown at most.
constexpr std::size_t max_workers = 60;

/// Indices of at most `limit` (at least 2) of `count` points, evenly spread, the first and the last
/// among them.
std::vector<std::size_t> kept_points(std::size_t count, std::size_t limit = max_points);

/// The whole file. Throws std::runtime_error naming it.
std::string file_text(const std::filesystem::path& path);

/// Without a last line that has no end: what a killed run was writing.
std::string whole_lines(std::string text);

/// A JSON object from `text`. Throws std::runtime_error naming `path`.
nlohmann::json parsed_object(const std::string& text, const std::filesystem::path& path);

/// {"summary": .., "metrics": {"seconds": [..], ..}, "workers": [..], "workers_in_all": n,
/// "periods": {"seconds": [..], ..}} from a run's directory; numbers that are not finite are null.
/// A run without summary.json was killed, or is not yet at its end: "summary" is null, and there
/// are no workers. Throws std::runtime_error naming the file that is missing or damaged.
nlohmann::json run_data(const std::filesystem::path& directory);

} // namespace adsp::apps
