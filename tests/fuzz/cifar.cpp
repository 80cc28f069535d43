// CIFAR-10's binary files: here the one with the samples that test.
#include "learning/data/sources/load.hpp"
#include "learning/data_error.hpp"
#include "tests/fuzz/targets.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace adsp::fuzz {

namespace {

/// One folder a process, in memory where the system has that.
const std::filesystem::path& folder() {
  static const std::filesystem::path path = [] {
    const std::filesystem::path memory = "/dev/shm";
    auto result = (is_directory(memory) ? memory : std::filesystem::temp_directory_path()) /
                  ("adsp-fuzz-" + std::to_string(::getpid()));
    create_directories(result);
    return result;
  }();
  static const struct removal {
    ~removal() { std::filesystem::remove_all(folder()); }
  } at_the_end;
  return path;
}

} // namespace

const target cifar{"cifar",
                   [](std::string_view bytes) {
                     std::ofstream{folder() / "test_batch.bin", std::ios::binary} << bytes;
                     learning::data_options options;
                     options.source = "cifar10";
                     options.path = folder().string();
                     try {
                       learning::load_test(options, {}, {32, 32, 3}, 10);
                     } catch (const learning::data_error&) {
                     }
                   },
                   [] {
                     const std::string record = '\7' + std::string(3072, '\x40');
                     return std::vector<std::string>{record, record + record, "\7short"};
                   }};

} // namespace adsp::fuzz
