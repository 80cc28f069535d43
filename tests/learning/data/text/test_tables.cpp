// Tables: classes, categories, missing cells, scales, fitted to the training rows only, and the
// same numbers for a row on its own.
#include "learning/data/text/table_header.hpp"
#include "learning/data/text/text_blocks.hpp"
#include "learning/data_error.hpp"
#include "learning/random.hpp"
#include "tests/learning/data/text/written_table.hpp"

#include "learning/data/sources/load.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace adsp::learning;

namespace {

/// 300 rows: a number, a colour, a number that is missing in every tenth row, and the class.
std::string flowers() {
  generator random(1, "flowers");
  const char* colours[] = {"red", "\"green, pale\"", "blue"};
  const char* classes[] = {"tulip", "rose"};
  std::string text = "size,colour,age,y\n";
  for (int i = 0; i < 300; ++i)
    text += std::to_string(random.below(1000)) + "," + colours[random.below(3)] + "," +
            (i % 10 == 3 ? "NA" : std::to_string(100 + random.below(50))) + "," +
            classes[random.below(2)] + "\n";
  return text;
}

struct flower_table : table {
  explicit flower_table(const std::string& missing) : table(flowers()) {
    options.task = "classification";
    options.one_hot = {"colour"};
    options.missing = missing;
  }
};

double mean_of_row(const dataset& x, Eigen::Index row) {
  return x.features.row(row).cast<double>().mean();
}

} // namespace

TEST_CASE("classes are texts or whole numbers, in their order") {
  flower_table x("mean");
  auto data = load(x.options);
  CHECK(data.train.classes == 2);
  CHECK(data.prepared.class_names == std::vector<std::string>{"rose", "tulip"});
  CHECK(data.prepared.name_of(1) == "tulip");
  std::string text = "a,y\n";
  for (int i = 0; i < 90; ++i)
    text += std::to_string(i) + "," + std::to_string(i % 3 * 5 - 5) + "\n";
  x.write_text(text);
  x.options.one_hot.clear();
  data = load(x.options);
  CHECK(data.prepared.class_names == std::vector<std::string>{"-5", "0", "5"});
  // a is scaled, y is a % 3: the label comes back out of it.
  for (std::size_t i = 0; i < data.train.size(); ++i) {
    const auto& column = data.prepared.columns[0];
    const auto a = std::lround(
        data.train.features(0, static_cast<Eigen::Index>(i)) * column.divisor + column.offset);
    CHECK(data.train.labels[i] == a % 3);
  }
  CHECK(std::all_of(data.test.labels.begin(), data.test.labels.end(),
                    [](auto label) { return label >= 0 && label < 3; }));
}

TEST_CASE("categories take a number each, missing numbers the training rows' mean") {
  flower_table x("mean");
  const auto data = load(x.options);
  REQUIRE(data.train.features.rows() == 5); // size, three colours, age
  CHECK(data.train.input == flat(5));
  CHECK(data.prepared.columns[1].categories ==
        std::vector<std::string>{"blue", "green, pale", "red"});
  for (Eigen::Index i = 0; i < data.train.features.cols(); ++i)
    CHECK(data.train.features.block(1, i, 3, 1).sum() == 1);
  CHECK(std::abs(mean_of_row(data.train, 0)) < 1e-6);
  CHECK(std::abs(mean_of_row(data.train, 4)) < 1e-6);
  CHECK((data.train.features.row(4).array() == 0).count() >= 20); // the mean itself
  x.options.missing = "drop";
  CHECK(load(x.options).train.size() + load(x.options).test.size() == 270);
  x.options.missing = "error";
  CHECK(x.complains(
      "table:5: column \"age\": found \"NA\", expected a number that a float can hold"));
}

TEST_CASE("a missing category is as missing as a number") {
  table x("a,b,y\n1,red,p\n2,NA,q\n3,red,p\n4,blue,q\n5,red,p\n6,blue,q\n");
  x.options.task = "classification";
  x.options.one_hot = {"b"};
  CHECK(x.complains("table:3: column \"b\": found \"NA\", expected a category"));
  x.options.missing = "drop";
  auto data = load(x.options);
  CHECK(data.train.size() + data.test.size() == 5);
  std::vector<float> sample(data.prepared.width());
  const std::vector<std::string_view> row = {"1", ""};
  CHECK_THROWS_WITH_AS(data.prepared.sample_of(row, sample),
                       "column \"b\": found \"\", expected a category", data_error);
  x.options.missing = "mean";
  data = load(x.options);
  CHECK(data.train.size() + data.test.size() == 6);
  data.prepared.sample_of(row, sample);
  CHECK(std::all_of(sample.begin() + 1, sample.end(), [](float z) { return z == 0; }));
}

TEST_CASE("categories that would fill the memory are refused") {
  std::string text = "a,b,y\n";
  for (int i = 0; i < 60'000; ++i)
    text += "1,name " + std::to_string(i) + "," + std::to_string(i) + "\n";
  table x(text);
  x.options.one_hot = {"b"};
  CHECK(x.complains("data.one_hot makes 51430 numbers of each of 60000 rows, expected at most"));
  x.options.train_limit = 20;
  x.options.test_limit = 10;
  CHECK(load(x.options).train.features.cols() == 20);
}

TEST_CASE("a row on its own becomes the same sample, also after it has been stored") {
  flower_table x("mean");
  const auto data = load(x.options);
  const auto& prepared = data.prepared;
  REQUIRE(prepared.width() == 5);
  text_rows rows(x.options.path, ',');
  std::vector<std::string_view> cells;
  REQUIRE(rows.next(cells));
  const std::vector<std::string> header(cells.begin(), cells.end());
  std::size_t found = 0;
  while (rows.next(cells)) {
    std::vector<std::string_view> wanted;
    for (const auto& column : prepared.columns)
      wanted.push_back(cells[column_position(rows, header, column.name)]);
    Eigen::VectorXf sample(5);
    prepared.sample_of(wanted, {sample.data(), 5});
    const auto label = prepared.label_of(cells[3]);
    for (const auto* half : {&data.train, &data.test})
      for (std::size_t i = 0; i < half->size(); ++i)
        if (half->features.col(static_cast<Eigen::Index>(i)) == sample &&
            half->labels[i] == label) {
          ++found;
          goto next;
        }
  next:;
  }
  CHECK(found == 300);
  Eigen::VectorXf sample(5);
  prepared.sample_of(std::vector<std::string_view>{"1", "purple", "2"}, {sample.data(), 5});
  CHECK(sample.segment(1, 3).isZero());
  CHECK_THROWS_AS(
      prepared.sample_of(std::vector<std::string_view>{"x", "red", "2"}, {sample.data(), 5}),
      data_error);
  CHECK_THROWS_AS(prepared.label_of("daisy"), data_error);
  CHECK_THROWS_AS(column_position(rows, {"size", "age"}, prepared.columns[1].name), data_error);
}

TEST_CASE("scales, and the target of a regression") {
  std::string text = "a,b,y\n";
  for (int i = 0; i < 70; ++i)
    text += std::to_string(i) + ",7," + std::to_string(10 * i + 1) + "\n";
  table x(text);
  x.options.task = "regression";
  x.options.scale = "none";
  auto data = load(x.options);
  CHECK(data.train.classes == 0);
  CHECK(data.train.labels.empty());
  REQUIRE(data.train.values.size() == 60);
  REQUIRE(data.test.values.size() == 10);
  for (Eigen::Index i = 0; i < 60; ++i) {
    CHECK(data.train.values[static_cast<std::size_t>(i)] == 10 * data.train.features(0, i) + 1);
    CHECK(data.train.features(1, i) == 7);
  }
  const auto low = data.train.features.row(0).minCoeff();
  const auto high = data.train.features.row(0).maxCoeff();
  const auto raw = data;
  x.options.scale = "minmax";
  x.options.scale_target = true;
  data = load(x.options);
  CHECK(data.train.features.row(0).minCoeff() == 0);
  CHECK(data.train.features.row(0).maxCoeff() == 1);
  CHECK(data.train.features.row(1).isZero());
  CHECK(data.test.features(0, 3) ==
        doctest::Approx((raw.test.features(0, 3) - low) / (high - low)));
  CHECK(data.prepared.restored(data.test.values[3]) == doctest::Approx(raw.test.values[3]));
}

TEST_CASE("a table without a header and with another delimiter") {
  std::string text;
  for (int i = 0; i < 20; ++i)
    text += std::to_string(i) + "; \"1,5\" ;" + std::to_string(i * i) + "\r\n";
  table x(text);
  x.options.header = false;
  x.options.delimiter = ";";
  x.options.target = "3";
  x.options.features = {"1"};
  x.options.task = "regression";
  const auto data = load(x.options);
  CHECK(data.train.size() + data.test.size() == 20);
  CHECK(data.prepared.columns[0].name == "1");
  x.options.target = "4";
  CHECK(x.complains("table: has no column \"4\", expected one of \"1\", \"2\", \"3\""));
  x.options.target = "3";
  x.options.features = {"2"};
  CHECK(
      x.complains("table:1: column \"2\": found \"1,5\", expected a number that a float can hold"));
  x.options.delimiter = ";;";
  CHECK(x.complains("data.delimiter is \";;\""));
}

TEST_CASE("large tables are held in single precision, relative to a column's first value") {
  std::string text = "t,a,y\n";
  for (int i = 0; i < 1'500'000; ++i)
    text += std::to_string(1'700'000'000 + i % 1000) + "," + std::to_string(i % 7) + "," +
            std::to_string(i % 1000) + "\n";
  table x(text);
  x.options.task = "regression";
  x.options.features = {"t", "a"};
  x.options.test_limit = 10;
  const auto small = [&] {
    auto y = x.options;
    y.train_limit = 5;
    return load(y);
  }();
  CHECK(small.train.size() == 5);
  const auto& t = small.prepared.columns[0];
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(small.train.features(0, static_cast<Eigen::Index>(i)) * t.divisor + t.offset ==
          doctest::Approx(1.7e9 + small.train.values[i]).epsilon(1e-13));
}

TEST_CASE("mistakes in rows, columns and classes") {
  table x("a,y\n1,p\n2,q\n3,p\n");
  x.options.task = "classification";
  x.write_text("a,y\n1,p\n2,p\n3,p\n4,p\n");
  CHECK(x.complains("all training rows are of class \"p\", expected at least two classes"));
  std::string text = "a,y\n";
  for (int i = 0; i < 100; ++i)
    text += "1,c" + std::to_string(i) + "\n";
  x.write_text(text);
  CHECK(x.complains("which no training row has"));
  x.write_text("a,y\n1,p\n2,\n3,q\n");
  CHECK(x.complains("table:3: column \"y\": found \"\", expected a class"));
  x.write_text("a,y\nNA,p\nNA,q\nNA,q\nNA,p\n");
  x.options.missing = "mean";
  CHECK(x.complains("column \"a\": no training row has a value"));
  x.options.one_hot = {"b"};
  CHECK(x.complains("has no column \"b\""));
  x.options.one_hot = {"y"};
  CHECK(x.complains("data.one_hot has \"y\", which is not one of the features"));
}

TEST_CASE("random bytes are a table or a data_error") {
  generator random(1, "bytes");
  const std::string alphabet = "0123,\"\n\r \t.-eaN?\xef";
  table x("");
  for (int round = 0; round < 3000; ++round) {
    std::string text = "a,y\n1,2\n2,3\n3,4\n";
    for (auto size = random.below(60); size > 0; --size)
      text.insert(random.below(text.size() + 1), 1, alphabet[random.below(alphabet.size())]);
    x.write_text(text);
    x.options.missing = round % 3 == 0 ? "error" : round % 3 == 1 ? "mean" : "drop";
    x.options.header = round % 2 == 0;
    x.options.target = x.options.header ? "y" : "2";
    x.options.task = round % 5 == 0 ? "classification" : "bins";
    try {
      const auto data = load(x.options);
      CHECK(data.train.features.allFinite());
    } catch (const data_error& error) {
      CHECK(std::string(error.what()).find('\n') == std::string::npos);
    }
  }
}
