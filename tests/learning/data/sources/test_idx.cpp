// Good data sets are read, and sets whose files do not fit together are refused by name.
#include "learning/data_error.hpp"
#include "tests/learning/data/sources/idx_files.hpp"

#include "learning/data/sources/idx.hpp"
#include "learning/data/sources/load.hpp"

#include <doctest/doctest.h>

using namespace adsp::learning;

namespace {

data_options options(const temporary_folder& folder) {
  data_options result;
  result.source = "idx";
  result.path = folder.path.string();
  return result;
}

std::string load_error(const data_options& x) {
  try {
    load(x);
  } catch (const data_error& error) {
    return error.what();
  }
  return "no error";
}

} // namespace

TEST_CASE("who trains needs the training files alone") {
  temporary_folder folder;
  write_small_set(folder.path, "");
  const auto all = load(options(folder));
  for (const auto* name : {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"})
    std::filesystem::remove(folder.path / name);
  const auto part = load(options(folder), parts::training);
  CHECK(part.train.features == all.train.features);
  CHECK(part.train.labels == all.train.labels);
  CHECK(part.train.classes == all.train.classes);
  CHECK(part.test.size() == 0);
  CHECK(contains(load_error(options(folder)), "t10k"));
}

TEST_CASE("who tests a model needs the test files alone") {
  temporary_folder folder;
  write_small_set(folder.path, "");
  const auto all = load(options(folder));
  for (const auto* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"})
    std::filesystem::remove(folder.path / name);
  const auto test = load_test(options(folder), {}, all.train.input, all.train.classes);
  CHECK(test.features == all.test.features);
  CHECK(test.labels == all.test.labels);
  CHECK(test.classes == 3);
  CHECK_THROWS_WITH_AS(load_test(options(folder), {}, all.train.input, 1),
                       doctest::Contains("expected 0 to 0"), data_error);
  auto parts_of_them = options(folder);
  parts_of_them.augment = {"crop:1"};
  CHECK(load_test(parts_of_them, {}, {1, 1, 1}, 3).input == shape{1, 1, 1});
}

TEST_CASE("plain and compressed sets are the same") {
  for (auto suffix : {"", ".gz"}) {
    CAPTURE(suffix);
    temporary_folder folder;
    write_small_set(folder.path, suffix);
    auto data = load(options(folder));
    CHECK(data.train.size() == 3);
    CHECK(data.train.classes == 3);
    CHECK(data.train.labels == std::vector<std::int32_t>{0, 2, 1});
    CHECK(data.train.features.rows() == 4);
    CHECK(data.train.input == shape{2, 2, 1});
    CHECK(data.test.input == shape{2, 2, 1});
    CHECK(data.train.features.cols() == 3);
    CHECK(data.train.features(1, 0) == 1 / 255.0F);
    CHECK(data.train.features(3, 2) == 1.0F);
    CHECK(data.test.size() == 2);
    CHECK(data.test.classes == 3);
  }
}

TEST_CASE("limits read the first samples only") {
  temporary_folder folder;
  write_small_set(folder.path, ".gz");
  write(folder.path / "train-labels-idx1-ubyte.gz", idx_bytes({3}, {0, 1, 1}));
  auto x = options(folder);
  x.train_limit = 2;
  x.test_limit = 99;
  auto data = load(x);
  CHECK(data.train.size() == 2);
  CHECK(data.train.features.cols() == 2);
  CHECK(data.test.size() == 2);
}

TEST_CASE("a class without a training sample is refused") {
  temporary_folder folder;
  write_small_set(folder.path);
  auto x = options(folder);
  x.train_limit = 2;
  CHECK(
      contains(load_error(x), (folder.path / "train-labels-idx1-ubyte").string() +
                                  ": found no sample of class \"1\" among the 2 training samples, "
                                  "expected at least one of each of 3 classes"));
  x.train_limit = 0;
  write(folder.path / "train-labels-idx1-ubyte", idx_bytes({3}, {0, 3, 1}));
  CHECK(contains(load_error(x), "found no sample of class \"2\" among the 3"));
}

TEST_CASE("gather copies samples, repeated ones too") {
  temporary_folder folder;
  write_small_set(folder.path);
  auto data = load(options(folder)).train;
  minibatch batch;
  gather(data, std::vector<std::uint32_t>{2, 0, 2}, batch);
  CHECK(batch.labels == std::vector<std::int32_t>{1, 0, 1});
  CHECK(batch.features.col(0) == data.features.col(2));
  CHECK(batch.features.col(1) == data.features.col(0));
}

TEST_CASE("more images than labels") {
  temporary_folder folder;
  write_small_set(folder.path);
  write(folder.path / "train-labels-idx1-ubyte", idx_bytes({2}, {0, 1}));
  auto text = load_error(options(folder));
  CHECK(contains(text, "train-labels-idx1-ubyte: has 2 labels, expected 3"));
}

TEST_CASE("a test label that training does not know") {
  temporary_folder folder;
  write_small_set(folder.path);
  write(folder.path / "t10k-labels-idx1-ubyte", idx_bytes({2}, {1, 3}));
  CHECK(contains(load_error(options(folder)),
                 (folder.path / "t10k-labels-idx1-ubyte").string() +
                     ": item 1 (from 0): found label 3, expected 0 to 2"));
  write(folder.path / "train-labels-idx1-ubyte", idx_bytes({3}, {0, 10, 11}));
  auto x = options(folder);
  x.source = "fashion-mnist";
  CHECK(contains(load_error(x),
                 "train-labels-idx1-ubyte: item 1 (from 0): found label 10, expected 0 to 9"));
}

TEST_CASE("test images of another size, labels all the same") {
  temporary_folder folder;
  write_small_set(folder.path);
  write(folder.path / "t10k-images-idx3-ubyte", idx_bytes({2, 1, 2}, {1, 2, 3, 4}));
  CHECK(contains(load_error(options(folder)), "have 1 x 2 x 1 pixels, expected 2 x 2 x 1"));
  write_small_set(folder.path);
  write(folder.path / "train-labels-idx1-ubyte", idx_bytes({3}, {0, 0, 0}));
  write(folder.path / "t10k-labels-idx1-ubyte", idx_bytes({2}, {0, 0}));
  CHECK(contains(load_error(options(folder)), "at least two classes"));
}

TEST_CASE("what is missing is named with a remedy") {
  temporary_folder folder;
  auto x = options(folder);
  CHECK(contains(load_error(x), "train-labels-idx1-ubyte: found neither this file nor"));
  x.source = "fashion-mnist";
  CHECK(contains(load_error(x), "apt-get install dataset-fashion-mnist"));
  CHECK(contains(load_error(x), "data.path"));
  x.source = "idx";
  x.path.clear();
  CHECK(contains(load_error(x), "data.path is empty"));
  x.source = "cifar";
  CHECK(contains(load_error(x), "\"cifar\", expected"));
  CHECK_THROWS_AS(read_idx(folder.path / "none", 1), data_error);
}
