// Files of every kind that shrink and grow while they are read: data or a data_error, never a
// signal.
#include "learning/data_error.hpp"
#include "tests/learning/data/sources/idx_files.hpp"

#include "learning/data/sources/load.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

using namespace adsp::learning;

namespace {

/// Halves a file and makes it as long as before, for as long as it lives.
class unsteady_file {
public:
  explicit unsteady_file(std::filesystem::path file)
      : file_(std::move(file)), size_(std::filesystem::file_size(file_)), changes_([this] {
          while (!stop_) {
            std::filesystem::resize_file(file_, size_ / 2);
            std::filesystem::resize_file(file_, size_);
          }
        }) {}
  unsteady_file(const unsteady_file&) = delete;
  unsteady_file& operator=(const unsteady_file&) = delete;
  ~unsteady_file() {
    stop_ = true;
    changes_.join();
  }

private:
  std::filesystem::path file_;
  std::uintmax_t size_;
  std::atomic<bool> stop_ = false;
  std::thread changes_;
};

void load_often(const data_options& x, const std::filesystem::path& file) {
  const unsteady_file unsteady(file);
  for (int i = 0; i < 50; ++i)
    try {
      const auto data = load(x); // outside a CHECK, which would catch
      CHECK(data.train.size() > 0);
    } catch (const data_error& error) {
      CHECK(std::string(error.what()).find('\n') == std::string::npos);
    }
}

byte_vector repeated(const std::string& text, int times) {
  byte_vector result;
  for (; times > 0; --times)
    result.insert(result.end(), text.begin(), text.end());
  return result;
}

} // namespace

TEST_CASE("files of numbers that change while they are read") {
  const temporary_folder folder;
  const auto file = folder.path / "numbers";
  data_options x;
  x.path = file.string();
  x.source = "csv";
  x.header = false;
  x.target = "1";
  x.task = "regression";
  write(file, repeated("1,2.5,3\n2,3,4\n", 50'000));
  load_often(x, file);
  x.source = "libsvm";
  x.task = "classification";
  write(file, repeated("1 1:2.5 3:3\n2 2:3\n", 50'000));
  load_often(x, file);
  x.source = "series";
  x.task = "bins";
  write(file, repeated("1\n2\n4.25\n", 50'000));
  load_often(x, file);
}

TEST_CASE("images that change while they are read") {
  const temporary_folder folder;
  data_options x;
  x.path = folder.path.string();
  x.source = "cifar10";
  std::string records;
  for (char label = 0; label < 10; ++label)
    records += label + std::string(3072, 'x');
  for (const auto* name : {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4",
                           "data_batch_5", "test_batch"})
    write(folder.path / (std::string(name) + ".bin"), repeated(records, 10));
  load_often(x, folder.path / "data_batch_2.bin");
  x.source = "idx";
  write_small_set(folder.path);
  write(folder.path / "train-images-idx3-ubyte",
        idx_bytes({3, 600, 600}, byte_vector(3 * 600 * 600)));
  write(folder.path / "t10k-images-idx3-ubyte",
        idx_bytes({2, 600, 600}, byte_vector(2 * 600 * 600)));
  load_often(x, folder.path / "train-images-idx3-ubyte");
}
