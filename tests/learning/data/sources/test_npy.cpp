// Arrays of NumPy: images and rows come out as they were, and a bad file is an error that names it,
// what was found and what was expected.
#include "learning/data/sources/load.hpp"
#include "learning/data_error.hpp"
#include "tests/learning/data/sources/idx_files.hpp"
#include "tests/learning/data/sources/npy_bytes.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

using namespace adsp::learning;

namespace {

/// Two training images of 2 x 2 and one to test, of two classes.
struct arrays : temporary_folder {
  arrays() {
    options.source = "npy";
    options.path = path.string();
    put("x_train", npy<std::uint8_t>("|u1", "(2, 2, 2)", {0, 51, 255, 0, 1, 2, 3, 4}));
    put("y_train", npy<std::int64_t>("<i8", "(2,)", {1, 0}));
    put("x_test", npy<std::uint8_t>("|u1", "(1, 2, 2)", {255, 255, 0, 102}));
    put("y_test", npy<std::int32_t>("<i4", "(1, 1)", {1}));
  }

  void put(const std::string& name, const std::string& bytes) const {
    std::ofstream(path / (name + ".npy"), std::ios::binary) << bytes;
  }

  /// The error of loading with this file, or nothing. Puts the sound file back.
  std::string trouble(const std::string& name, const std::string& bytes) const {
    const auto file = path / (name + ".npy");
    std::ifstream in(file, std::ios::binary);
    const std::string sound{std::istreambuf_iterator<char>(in), {}};
    put(name, bytes);
    std::string found;
    try {
      load(options);
    } catch (const data_error& error) {
      found = error.what();
      CHECK(found.find(".npy: ") != std::string::npos);
    }
    put(name, sound);
    return found;
  }

  data_options options;
};

} // namespace

TEST_CASE_FIXTURE(arrays, "unsigned bytes of images are pixels, labels any whole numbers") {
  const auto data = load(options);
  CHECK(data.train.input == shape{2, 2, 1});
  CHECK(data.train.classes == 2);
  CHECK(data.train.labels == std::vector<std::int32_t>{1, 0});
  CHECK(data.train.features.col(0) == Eigen::Vector4f(0, 0.2F, 1, 0));
  CHECK(data.test.features.col(0) == Eigen::Vector4f(1, 1, 0, 0.4F));
  CHECK(data.test.labels == std::vector<std::int32_t>{1});
  CHECK(data.prepared.task == "classification");
  const auto again = load_test(options, data.prepared, data.train.input, 2);
  CHECK(again.features == data.test.features);
  CHECK(again.labels == data.test.labels);
  CHECK(load(options, parts::training).test.size() == 0);
}

TEST_CASE_FIXTURE(arrays, "four extents have channels last; a crop takes a part of an image") {
  put("x_train", npy<float>("<f4", "(2, 1, 2, 3)", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  put("x_test", npy<float>("<f4", "(1, 1, 2, 3)", {1, 2, 3, 4, 5, 6}));
  auto data = load(options);
  CHECK(data.train.input == shape{1, 2, 3});
  CHECK(data.train.features(5, 1) == 12); // not divided
  options.augment = {"crop:1"};
  data = load(options);
  CHECK(data.train.input == shape{1, 1, 3});
  CHECK(data.train.image == shape{1, 2, 3});
  CHECK(load_test(options, data.prepared, data.train.input, 2).input == shape{1, 1, 3});
}

TEST_CASE_FIXTURE(arrays, "rows of numbers, predicted numbers and limits") {
  options.task = "regression";
  put("x_train", npy<double>("<f8", "(3, 2)", {1, -2, 0.5, 1e-30, 5, 6}));
  put("y_train", npy<float>("<f4", "(3,)", {0.25F, -7, 9}));
  put("x_test", npy<std::int16_t>("<i2", "(2, 2)", {-1, 2, 3, 4}));
  put("y_test", npy<std::uint64_t>("<u8", "(2,)", {3, 4}));
  auto data = load(options);
  CHECK(data.train.input == flat(2));
  CHECK(data.train.classes == 0);
  CHECK(data.train.values == std::vector<float>{0.25F, -7, 9});
  CHECK(data.train.features.col(1) == Eigen::Vector2f(0.5F, 1e-30F));
  CHECK(data.test.features.col(0) == Eigen::Vector2f(-1, 2));
  CHECK(data.test.values == std::vector<float>{3, 4});
  options.train_limit = 2;
  options.test_limit = 1;
  data = load(options);
  CHECK(data.train.size() == 2);
  CHECK(data.train.values.size() == 2);
  CHECK(data.test.size() == 1);
}

TEST_CASE_FIXTURE(arrays, "what does not fit is named, with what was found and expected") {
  const auto refuses = [&](const std::string& name, const std::string& bytes,
                           const std::string& expected) {
    const auto found = trouble(name, bytes);
    CAPTURE(found);
    CHECK(found.find(name + ".npy: " + expected) != std::string::npos);
  };
  const std::vector<std::uint8_t> eight(8, 1);
  refuses("x_train", "", "ends too early");
  refuses("x_train", "PK\3\4 something else", "is not an .npy file of version 1, 2 or 3");
  refuses("x_train", npy<std::uint8_t>(">f4", "(2, 1)", eight), "has the descr '>f4', expected");
  refuses("x_train", npy<std::uint8_t>("|O", "(2, 4)", eight), "has the descr '|O'");
  refuses("x_train", npy<std::uint8_t>("|u1", "(2, 4)", eight, "True"),
          "has the fortran_order True, expected False");
  refuses("x_train", npy<std::uint8_t>("|u1", "(8,)", eight), "has 1 extent, expected samples x");
  refuses("x_train", npy<std::uint8_t>("|u1", "()", eight), "has the shape (), expected");
  refuses("x_train", npy<std::uint8_t>("|u1", "(0, 4)", eight), "has the shape (0,4), expected");
  refuses("x_train", npy<std::uint8_t>("|u1", "(2, -4)", eight), "has the shape (2,-4), expected");
  for (const std::string shape : {"(2, 5)", "(2, 2)", "(4294967296, 4294967296, 1)",
                                  "(9223372036854775808, 2)", "(18446744073709551615, 9)"})
    refuses("x_train", npy<std::uint8_t>("|u1", shape, eight), "has 8 bytes after its header");
  refuses("x_train", npy<float>("<f4", "(2, 1)", {1, std::numeric_limits<float>::quiet_NaN()}),
          "holds nan as number 2, expected numbers that a float can hold");
  refuses("x_train", npy<double>("<f8", "(2, 1)", {1e300, 1}), "holds 1000000");
  refuses("y_train", npy<std::int64_t>("<i8", "(3,)", {0, 1, 1}), "has 3 labels, expected 2");
  refuses("y_train", npy<std::int64_t>("<i8", "(1, 2)", {0, 1}), "has 2 extents, expected one");
  refuses("y_train", npy<std::int64_t>("<i8", "(2,)", {0, -1}),
          "item 1 (from 0): found label -1, expected 0 to 65535");
  refuses("y_train", npy<float>("<f4", "(2,)", {0, 1}), "has the descr '<f4', expected whole");
  refuses("y_train", npy<std::int64_t>("<i8", "(2,)", {0, 0}), "all labels are 0");
  refuses("y_test", npy<std::int64_t>("<i8", "(1,)", {2}),
          "item 0 (from 0): found label 2, expected 0 to 1");
  refuses("x_test", npy<std::uint8_t>("|u1", "(1, 4)", {1, 2, 3, 4}), "holds no pixels");
  refuses("x_test", npy<std::uint8_t>("|u1", "(1, 4, 1)", {1, 2, 3, 4}),
          "holds samples of 4 x 1 x 1, expected 2 x 2 x 1 as those of training");
  CHECK(trouble("y_train", npy<std::int64_t>("<i8", "(2,)", {2, 0}))
            .find("y_train.npy: found no sample of class \"1\"") != std::string::npos);
}

TEST_CASE_FIXTURE(arrays, "a file that is cut off or has more than its header says is refused") {
  const auto whole = npy<std::uint8_t>("|u1", "(2, 2, 2)", {0, 51, 255, 0, 1, 2, 3, 4});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(!trouble("x_train", whole.substr(0, size)).empty());
  }
  CHECK(!trouble("x_train", whole + "x").empty());
  CHECK(trouble("x_train", whole).empty());
}
