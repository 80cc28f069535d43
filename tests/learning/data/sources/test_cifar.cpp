// CIFAR-10's binary files: the layout of a sample, limits, and every mistake with its byte.
#include "learning/data_error.hpp"
#include "tests/learning/data/sources/idx_files.hpp"

#include "learning/data/sources/load.hpp"

#include <doctest/doctest.h>

using namespace adsp::learning;

namespace {

/// Six files of so many records; byte k of record r's image is (7 r + k) % 256.
struct small_cifar {
  temporary_folder folder;
  data_options options;

  explicit small_cifar(int records = 2) {
    options.source = "cifar10";
    options.path = folder.path.string();
    for (int file = 0; file < 5; ++file)
      write_records("data_batch_" + std::to_string(file + 1) + ".bin", file * records, records);
    write_records("test_batch.bin", 3, records);
  }

  void write_records(const std::string& name, int first, int count) {
    byte_vector bytes;
    for (int r = first; r < first + count; ++r) {
      bytes.push_back(static_cast<std::uint8_t>(r % 10));
      for (int k = 0; k < 3072; ++k)
        bytes.push_back(static_cast<std::uint8_t>(7 * r + k));
    }
    write(folder.path / name, bytes);
  }

  std::string trouble() const try {
    load(options);
    return "no error";
  } catch (const data_error& error) {
    return error.what();
  }
};

} // namespace

TEST_CASE("a sample is 32 x 32 x 3, the colours of a pixel side by side") {
  small_cifar x;
  const auto data = load(x.options);
  REQUIRE(data.train.size() == 10);
  REQUIRE(data.test.size() == 2);
  CHECK(data.train.classes == 10);
  CHECK(data.train.input == shape{32, 32, 3});
  CHECK(data.test.input == data.train.input);
  CHECK(data.train.labels == std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(data.test.labels == std::vector<std::int32_t>{3, 4});
  for (int r : {0, 3, 9})
    for (int row : {0, 17, 31})
      for (int column : {0, 5, 31})
        for (int channel : {0, 1, 2}) {
          const auto byte = (7 * r + 1024 * channel + 32 * row + column) % 256;
          CHECK(data.train.features((32 * row + column) * 3 + channel, r) ==
                static_cast<float>(byte) / 255.0F);
        }
}

TEST_CASE("who tests a model needs test_batch.bin alone") {
  small_cifar x;
  const auto all = load(x.options);
  for (int i = 1; i <= 5; ++i)
    std::filesystem::remove(x.folder.path / ("data_batch_" + std::to_string(i) + ".bin"));
  const auto test = load_test(x.options, {}, all.train.input, 10);
  CHECK(test.features == all.test.features);
  CHECK(test.labels == all.test.labels);
  CHECK(test.classes == 10);
}

TEST_CASE("limits cross the files") {
  small_cifar x(6);
  x.options.train_limit = 11;
  x.options.test_limit = 1;
  const auto data = load(x.options);
  CHECK(data.train.labels == std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0});
  CHECK(data.test.size() == 1);
  x.options.train_limit = 99;
  CHECK(load(x.options).train.size() == 30);
}

TEST_CASE("every mistake with file, record and byte") {
  small_cifar x;
  write(x.folder.path / "data_batch_2.bin", byte_vector(3073 + 100, 1));
  CHECK(x.trouble().find("data_batch_2.bin: has 3173 bytes, record 1 from byte 3073 on is cut "
                         "off or missing, expected a multiple of 3073") != std::string::npos);
  write(x.folder.path / "data_batch_2.bin", {});
  CHECK(x.trouble().find("data_batch_2.bin: has 0 bytes, record 0") != std::string::npos);
  auto bytes = byte_vector(2 * 3073, 1);
  bytes[3073] = 10;
  write(x.folder.path / "data_batch_2.bin", bytes);
  CHECK(x.trouble().find("data_batch_2.bin: record 1 at byte 3073: found label 10, expected 0 to "
                         "9") != std::string::npos);
  std::filesystem::remove(x.folder.path / "data_batch_2.bin");
  CHECK(x.trouble().find("data_batch_2.bin: cannot be read; set data.path") != std::string::npos);
  x.options.path = "";
  CHECK(x.trouble().find("data.path is empty") != std::string::npos);
}
