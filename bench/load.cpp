// bench_load [MB]: how fast a large CSV file is read, against one pass of std::from_chars over the
// same cells in memory, and how much memory that takes, against the floats that come out. Each is
// measured in a process of its own, after a run that brings the file near.
#include "learning/data/sources/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace adsp;

namespace {

constexpr std::size_t default_megabytes = 200;
constexpr int columns = 20;
constexpr int turns = 3;

/// What a child process says.
struct figures {
  double seconds = 0;
  double rss_bytes = 0; ///< the largest, above what the process began with
  double floats = 0;
  double check = 0;
};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double peak_rss() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

void write_table(const std::filesystem::path& file, std::size_t file_bytes) {
  std::ofstream out(file, std::ios::binary);
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal(20, 5);
  std::string block = "y";
  for (int i = 1; i < columns; ++i)
    block += fmt::format(",x{}", i);
  block += '\n';
  for (std::size_t written = 0; written < file_bytes;) {
    for (int i = 0; i < columns; ++i)
      block += fmt::format("{:.6g}{}", normal(random), i + 1 == columns ? '\n' : ',');
    if (block.size() > 1 << 20 || written + block.size() >= file_bytes) {
      out << block;
      written += block.size();
      block.clear();
    }
  }
}

figures load_table(const std::string& file) {
  learning::data_options options;
  options.source = std::string{"csv"};
  options.path = file;
  options.target = std::string{"y"};
  options.task = std::string{"regression"};
  const auto before = peak_rss();
  const auto start = now();
  const auto data = learning::load(options);
  figures result;
  result.seconds = now() - start;
  result.rss_bytes = peak_rss() - before;
  result.floats = static_cast<double>(data.train.features.size() + data.test.features.size()) +
                  static_cast<double>(data.train.values.size() + data.test.values.size());
  return result;
}

/// The cells in memory, without a look at how many a row has.
figures parse_cells(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(std::filesystem::file_size(file), '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  const auto start = now();
  figures result;
  const auto* at = text.data() + text.find('\n') + 1;
  for (const auto* end = text.data() + text.size(); at < end; ++at) {
    double value = 0;
    at = std::from_chars(at, end, value).ptr;
    result.check += value;
    ++result.floats;
  }
  result.seconds = now() - start;
  return result;
}

/// Calls `body` in a process of its own.
template <class Body>
figures apart(const Body& body) {
  int ends[2];
  if (pipe(ends) != 0)
    throw std::runtime_error("no pipe");
  const auto child = fork();
  if (child == 0) {
    const figures result = body();
    const auto written = write(ends[1], &result, sizeof result);
    _exit(written == sizeof result ? 0 : 1);
  }
  close(ends[1]);
  figures result;
  const auto got = read(ends[0], &result, sizeof result);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (got != sizeof result || status != 0)
    throw std::runtime_error("a measurement failed");
  return result;
}

/// A folder that goes with the process.
struct temporary_folder {
  std::filesystem::path path;

  temporary_folder() {
    auto name = (std::filesystem::temp_directory_path() / "adsp_load_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("no temporary folder");
    path = name;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() { std::filesystem::remove_all(path); }
};

} // namespace

int main(int argc, char** argv) try {
  auto size = default_megabytes;
  if (argc > 1) {
    const std::string_view text = argv[1];
    const auto* end = text.data() + text.size();
    if (const auto read = std::from_chars(text.data(), end, size);
        argc > 2 || read.ec != std::errc{} || read.ptr != end || size < 1 || size > 100'000)
      throw std::runtime_error("usage: bench_load [MB], the file's size from 1 to 100000");
  }
  const temporary_folder folder;
  const auto file = (folder.path / "table.csv").string();
  write_table(file, size * 1'000'000);
  const auto megabytes = static_cast<double>(std::filesystem::file_size(file)) / 1e6;
  figures load;
  figures bound;
  for (int turn = 0; turn < turns; ++turn) {
    const auto parsed = apart([&] { return parse_cells(file); });
    const auto loaded = apart([&] { return load_table(file); });
    fmt::print("turn {}: load {:.3f} s, parse {:.3f} s\n", turn, loaded.seconds, parsed.seconds);
    if (turn == 0 || loaded.seconds < load.seconds)
      load = loaded;
    if (turn == 0 || parsed.seconds < bound.seconds)
      bound = parsed;
  }
  if (load.floats != bound.floats)
    throw std::runtime_error(fmt::format("{} cells loaded, {} parsed", load.floats, bound.floats));
  fmt::print("RESULT csv_mb_per_s {:.1f} MB/s\n", megabytes / load.seconds);
  fmt::print("RESULT csv_ratio_to_parse_bound {:.3f} ratio\n", load.seconds / bound.seconds);
  fmt::print("RESULT csv_rss_ratio_to_floats {:.3f} ratio\n",
             load.rss_bytes / (load.floats * sizeof(float)));
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_load: {}\n", error.what());
  return 1;
}
