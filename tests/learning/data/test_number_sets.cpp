// Tables and lists of numbers: classes, standardised features, splits, and every mistake with its
// place.
#include "learning/data/density_bins.hpp"
#include "learning/data/sources/load.hpp"
#include "learning/data_error.hpp"
#include "learning/random.hpp"
#include "tests/learning/data/sources/idx_files.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>

using namespace adsp::learning;

namespace {

/// A file in a folder of its own, and the options that read it.
struct numbers {
  temporary_folder folder;
  data_options options;

  numbers(const std::string& source, const std::string& text) {
    options.source = source;
    options.path = (folder.path / "numbers").string();
    options.target = source == "csv" ? "y" : "";
    write_text(text);
  }

  void write_text(const std::string& text) {
    std::ofstream(options.path, std::ios::binary) << text;
  }

  /// The error of reading it, or nothing.
  std::string trouble() const try {
    load(options);
    return "";
  } catch (const data_error& error) {
    return error.what();
  }

  bool complains(const std::string& text) const {
    auto found = trouble();
    CAPTURE(found);
    CHECK(found.find(text) != std::string::npos);
    return found.find(text) != std::string::npos;
  }
};

/// A column y and columns a, b, c: b is constant, c is a + row.
std::string table(int rows) {
  generator random(1, "table");
  std::string text = "a,y,b,c\n";
  for (int i = 0; i < rows; ++i) {
    auto a = static_cast<int>(random.below(1000));
    text += std::to_string(a) + "," + std::to_string(2 * a + 5) + ",0.1," + std::to_string(a + i) +
            "\n";
  }
  return text;
}

std::string list(int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += std::to_string((i * 37) % 101) + "\n";
  return text;
}

double mean(const dataset& x, Eigen::Index row) {
  return x.features.row(row).cast<double>().mean();
}

} // namespace

TEST_CASE("bins: equal steps of the density, the same number on both sides of the mean") {
  density_bins bins{{3, 2}, 10};
  // Where the density falls to k/5 of the mean's: z = sqrt(-2 ln(k/5)).
  for (int k = 1; k < 5; ++k) {
    auto z = std::sqrt(-2 * std::log(k / 5.0));
    CAPTURE(k);
    CHECK(bins(3 - 2 * (z + 1e-9)) == k - 1);
    CHECK(bins(3 - 2 * (z - 1e-9)) == k);
    CHECK(bins(3 + 2 * (z - 1e-9)) == 9 - k);
    CHECK(bins(3 + 2 * (z + 1e-9)) == 10 - k);
  }
  CHECK(bins(-1e30) == 0);
  CHECK(bins(1e30) == 9);
  CHECK(bins(3 - 1e-12) == 4);
  CHECK(bins(3) == 5);
  CHECK(density_bins{{0, 1}, 2}(-0.1) == 0);
  CHECK(density_bins{{0, 1}, 2}(0) == 1);
}

TEST_CASE("a table: standardised by its training rows, split by a shuffle that never changes") {
  numbers x("csv", table(700));
  auto data = load(x.options);
  REQUIRE(data.train.size() == 600);
  REQUIRE(data.test.size() == 100);
  REQUIRE(data.train.features.rows() == 3); // a, b, c
  CHECK(data.train.classes == 10);
  CHECK(data.train.input == flat(3));
  CHECK(data.test.input == flat(3));
  for (Eigen::Index row : {0, 2}) {
    CHECK(mean(data.train, row) == doctest::Approx(0).epsilon(1e-6));
    CHECK(data.train.features.row(row).cast<double>().squaredNorm() / 600 ==
          doctest::Approx(1).epsilon(1e-5));
    CHECK(std::abs(mean(data.test, row)) > 1e-4); // not standardised by itself
  }
  CHECK(data.train.features.row(1).isZero());
  // y = 2 a + 5 has the same bins as a, whose moments are now 0 and 1.
  density_bins bins{{0, 1}, 10};
  for (std::size_t i = 0; i < 100; ++i)
    CHECK(data.test.labels[i] == bins(data.test.features(0, static_cast<Eigen::Index>(i))));
  auto again = load(x.options);
  CHECK(again.train.features == data.train.features);
  CHECK(again.test.labels == data.test.labels);
  // In order, the last rows would have the largest c.
  CHECK(std::abs(mean(data.test, 2)) < 0.5);
}

/// Whether the samples of `few` are some of `all`, labels and order included.
static bool are_within(const dataset& few, const dataset& all) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < all.size() && next < few.size(); ++i)
    if (all.features.col(static_cast<Eigen::Index>(i)) ==
            few.features.col(static_cast<Eigen::Index>(next)) &&
        all.labels[i] == few.labels[next])
      ++next;
  return next == few.size();
}

TEST_CASE("a table: limits, shares, bins and chosen columns") {
  numbers x("csv", table(700));
  auto all = load(x.options);
  x.options.train_limit = 50;
  x.options.test_limit = 7;
  auto some = load(x.options);
  REQUIRE(some.train.size() == 50);
  REQUIRE(some.test.size() == 7);
  CHECK(are_within(some.train, all.train));
  CHECK(are_within(some.test, all.test));
  x.options.features = {"c", "a"};
  CHECK(load(x.options).train.features.row(0) == some.train.features.row(2));
  CHECK(load(x.options).train.features.row(1) == some.train.features.row(0));
  x.options.train_limit = 0;
  x.options.train_share = 0.5;
  x.options.bins = 4;
  CHECK(load(x.options).train.size() == 350);
  CHECK(load(x.options).train.classes == 4);
}

TEST_CASE("a table: quotes, spaces, line ends, empty lines and columns of text") {
  numbers x("csv", "\xef\xbb\xbf\"the, target\",when,a\r\n\"1\",\"two\nlines\",+2e0\r\n\r\n"
                   " 3 ,\"say \"\"b\"\"\",4\r\n5,,6\n7,d,8");
  x.options.target = "the, target";
  x.options.features = {"a"};
  x.options.train_share = 0.5;
  CHECK(load(x.options).train.size() == 2);
  CHECK(load(x.options).test.size() == 2);
  x.options.features.clear();
  CHECK(x.complains(
      "numbers:2: column \"when\": found \"two?lines\", expected a number that a float can hold"));
}

TEST_CASE("a table: every mistake with its place") {
  numbers x("csv", "a,y\n1,2\n3,4,5\n");
  CHECK(x.complains("numbers:3: has 3 cells, expected 2, as the first row has"));
  x.write_text("a,y\n1,2\n3\n");
  CHECK(x.complains("numbers:3: has 1 cell, expected 2"));
  for (const auto* cell : {"x", "", "nan", "inf", "-inf", "1e39", "1e999", "0x10", "1 2", "+-1"}) {
    CAPTURE(cell);
    x.write_text(std::string("a,y\n1,2\n\n") + cell + ",4\n");
    CHECK(x.complains("numbers:4: column \"a\": found \"" + std::string(cell) +
                      "\", expected a number that a float can hold"));
  }
  x.write_text("a,y\n1,2\n\"3\"4,5\n");
  CHECK(x.complains(
      "numbers:3: column 1: found \"4,5\" after a closing quote, expected quotes only"));
  x.write_text("a,y\n1,2\n3\"4,5\n");
  CHECK(x.complains("numbers:3: column 1: found \"3\"4\", expected quotes only"));
  x.write_text("a,y\n1,2\n\"3,4\n");
  CHECK(x.complains("numbers:3: column 1: found a quote that is not closed"));
  x.write_text("a,a,y\n1,2,3\n");
  CHECK(x.complains("two columns \"a\""));
  x.write_text("");
  CHECK(x.complains("is empty"));
  x.write_text("y\n1\n2\n3\n");
  CHECK(x.complains("only the target's column"));
  x.write_text("a,y\n1,2\n2,3\n");
  CHECK(x.complains("has 2 rows, expected at least 2 to train and 1 to test"));
  x.write_text("a,y\n1,2\n2,2\n3,2\n4,2\n");
  CHECK(x.complains("all training values of the target are equal"));
  x.options.target = "z";
  CHECK(x.complains("has no column \"z\", expected one of \"a\", \"y\""));
  x.options.target = "y";
  x.options.features = {"a", "b"};
  CHECK(x.complains("has no column \"b\""));
  x.options.features = {"y"};
  CHECK(x.complains("which is data.target"));
  x.options.target = "";
  CHECK(x.complains("data.target is empty"));
}

TEST_CASE("a list: windows that stay on their side of the split") {
  numbers x("series", list(70));
  x.options.window = 4;
  auto data = load(x.options);
  REQUIRE(data.train.size() == 60 - 4);
  REQUIRE(data.test.size() == 10 - 4);
  REQUIRE(data.train.features.rows() == 4);
  CHECK(data.train.input == shape{4, 1, 1});
  std::vector<double> values;
  values.reserve(70);
  for (int i = 0; i < 70; ++i)
    values.push_back((i * 37) % 101);
  auto normal = moments::of(std::span(values).first(60));
  density_bins bins{normal, 10};
  for (std::size_t i = 0; i < 56; ++i) {
    for (std::size_t k = 0; k < 4; ++k)
      CHECK(data.train.features(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(i)) ==
            static_cast<float>((values[i + k] - normal.mean) / normal.deviation));
    CHECK(data.train.labels[i] == bins(values[i + 4]));
  }
  CHECK(data.test.features(0, 0) ==
        static_cast<float>((values[60] - normal.mean) / normal.deviation));
  CHECK(data.test.labels[0] == bins(values[64]));
  CHECK(data.test.labels[5] == bins(values[69]));
  x.options.train_limit = 3;
  x.options.test_limit = 2;
  CHECK(load(x.options).train.features == data.train.features.leftCols(3));
  CHECK(load(x.options).test.size() == 2);
  x.options.window = 9;
  CHECK(load(x.options).test.size() == 1);
  x.options.window = 10;
  CHECK(x.complains("10 to test, found data.window 10 and data.horizon 1; expected"));
  x.options.window = 0;
  CHECK(x.complains("found data.window 0"));
  x.write_text(list(500'000));
  x.options.train_limit = 0;
  x.options.window = 60'000; // 88 GB of windows
  CHECK(x.complains("data.window 60000 makes 368571 windows"));
  x.options.train_limit = 1;
  x.options.test_limit = 1;
  CHECK(load(x.options).train.size() == 1);
}

TEST_CASE("a list: every mistake with its place") {
  numbers x("series", "1\n\n 2 \r\nx\n");
  CHECK(x.complains("numbers:4: found \"x\", expected one number a line that a float can hold"));
  x.write_text("1\n2,3\n");
  CHECK(x.complains("numbers:2: found \"2,3\""));
  x.write_text("nan\n");
  CHECK(x.complains("numbers:1: found \"nan\""));
  x.write_text("");
  CHECK(x.complains("has 0 values to train"));
  x.write_text(std::string(100, '\n'));
  CHECK(x.complains("has 0 values to train"));
  std::string equal;
  for (int i = 0; i < 100; ++i)
    equal += "0.1\n";
  x.write_text(equal);
  CHECK(x.complains("all training values of the target are equal"));
  x.options.window = 1;
  std::string tiny;
  for (int i = 0; i < 60; ++i)
    tiny += std::to_string(i) + "e-20\n";
  x.write_text(tiny + std::string("1e30\n1e30\n1e30\n1e30\n1e30\n1e30\n1e30\n1e30\n1e30\n1e30\n"));
  CHECK(x.complains("further from the mean"));
}

TEST_CASE("options and files that cannot be") {
  for (const auto* source : {"csv", "series"}) {
    CAPTURE(source);
    numbers x(source, table(70));
    auto good = x.options;
    x.options.path = (x.folder.path / "missing").string();
    CHECK(x.complains("missing: cannot be read"));
    x.options.path = x.folder.path.string();
    CHECK(x.complains("cannot be read"));
    x.options.path = "/dev/zero"; // endless
    CHECK(x.complains("/dev/zero: cannot be read"));
    x.options.path = "";
    CHECK(x.complains("data.path is empty"));
    x.options = good;
    for (auto bins : {0U, 1U, 7U, 65538U}) {
      x.options.bins = bins;
      CHECK(x.complains("data.bins is"));
    }
    x.options = good;
    for (auto share : {0.0, 1.0, -1.0, std::nan("")}) {
      x.options.train_share = share;
      CHECK(x.complains("data.train_share is"));
    }
  }
}
