// The files that a run leaves. Every row is flushed at once, so that a killed run keeps it.
#pragma once

#include "actors/plan/job.hpp"
#include "messages/types.hpp"

#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

namespace adsp::apps {

/// Makes runs/<name>/<number>/ with the next free number, or `out`, which must be new or empty.
/// Throws std::invalid_argument where that cannot be.
std::filesystem::path make_folder(const std::string& name,
                                  const std::optional<std::filesystem::path>& out);

class run_directory {
public:
  /// Uses the folder that `make_folder` makes for the job. Throws std::invalid_argument where that
  /// cannot be used, before training starts.
  static run_directory create(const job& plan, const std::optional<std::filesystem::path>& out);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path model_path() const { return path_ / "model.adsp"; }

  /// Writes config.toml. Throws std::runtime_error, like all functions that write.
  void write_config(std::string_view text);

  /// Writes summary.json.
  void write_summary(std::string_view text);

  /// Appends a row to metrics.csv.
  void add(const evaluation_record& record);

  /// Appends a row to workers.csv: cumulative steps and commits; new commits and seconds since the
  /// worker's last row.
  void add(const worker_record& record);

private:
  struct close_file {
    void operator()(std::FILE* x) const { std::fclose(x); }
  };
  using file = std::unique_ptr<std::FILE, close_file>;

  explicit run_directory(std::filesystem::path path);
  file open(const char* name, std::string_view header);
  void append(file& into, const char* name, std::string_view row);

  std::filesystem::path path_;
  file metrics_;
  file workers_;
  std::map<worker_id, sync::progress> before_; ///< at each worker's last row
};

} // namespace adsp::apps
