#include "apps/run/run_directory.hpp"

#include "apps/cli/atomic_file.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace adsp::apps {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw std::invalid_argument{fmt::format(
      "{}: cannot be used as run directory: {}; name another one with --out", path.string(), why)};
}

fs::path numbered(const fs::path& parent) {
  std::error_code error;
  fs::create_directories(parent, error);
  if (error)
    refuse(parent, error.message());
  for (std::uint64_t number = 1;; ++number) {
    auto path = parent / std::to_string(number);
    if (fs::create_directory(path, error)) // atomic: only one of two runs gets the number
      return path;
    if (error)
      refuse(path, error.message());
  }
}

fs::path named(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    refuse(path, error.message());
  if (!fs::is_empty(path, error) || error)
    refuse(path, error ? error.message() : "it is not empty");
  return path;
}

} // namespace

fs::path make_folder(const std::string& name, const std::optional<fs::path>& out) {
  return out ? named(*out) : numbered(fs::path{"runs"} / name);
}

run_directory run_directory::create(const job& plan, const std::optional<fs::path>& out) {
  return run_directory{make_folder(plan.name, out)};
}

run_directory::run_directory(fs::path path)
    : path_{std::move(path)}, metrics_{open("metrics.csv",
                                            "seconds,loss,accuracy,steps,commits,bytes,commit_rate,"
                                            "local_steps\n")},
      workers_{open("workers.csv", "seconds,worker,name,steps,commits,new_commits,commit_rate,"
                                   "commit_target,compute_seconds,communicate_seconds,"
                                   "wait_seconds,implicit_momentum\n")} {}

run_directory::file run_directory::open(const char* name, std::string_view header) {
  const auto path = path_ / name;
  file opened{std::fopen(path.c_str(), "we")};
  if (!opened)
    refuse(path_, system_error_text(path, "cannot be created"));
  append(opened, name, header);
  return opened;
}

void run_directory::append(file& into, const char* name, std::string_view row) {
  if (std::fwrite(row.data(), 1, row.size(), into.get()) != row.size() ||
      std::fflush(into.get()) != 0)
    throw std::runtime_error{system_error_text(path_ / name, "cannot be written")};
}

void run_directory::write_config(std::string_view text) {
  write_atomically(path_ / "config.toml", text);
}

void run_directory::write_summary(std::string_view text) {
  write_atomically(path_ / "summary.json", text);
}

void run_directory::add(const evaluation_record& record) {
  append(metrics_, "metrics.csv",
         fmt::format("{},{},{},{},{},{},{},{}\n", record.seconds, record.loss,
                     std::isnan(record.accuracy) ? "" : fmt::format("{}", record.accuracy),
                     record.steps, record.commits, record.bytes, record.commit_rate,
                     record.local_steps));
}

void run_directory::add(const worker_record& record) {
  auto& before = before_[record.worker];
  const auto& now = record.progress;
  const auto since = now - before;
  append(workers_, "workers.csv",
         fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", record.seconds, record.worker,
                     record.name, now.steps, now.commits, since.commits, record.commit_rate,
                     record.commit_target, since.compute, since.communicate, since.wait,
                     record.implicit_momentum));
  before = now;
}

} // namespace adsp::apps
