// Sparse lines, horizons of a series, and weights of classes.
#include "learning/data/class_weights.hpp"
#include "learning/data/sources/load.hpp"
#include "learning/data/text/content_sum.hpp"
#include "learning/data_error.hpp"
#include "learning/training/partition.hpp"
#include "tests/learning/data/sources/idx_files.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace adsp::learning;

namespace {

struct text_file {
  temporary_folder folder;
  data_options options;

  text_file(const std::string& source, const std::string& text) {
    options.source = source;
    options.path = write_text("train", text);
  }

  std::string write_text(const std::string& name, const std::string& text) const {
    auto file = (folder.path / name).string();
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

  bool complains(const std::string& text) const {
    std::string found = "no error";
    try {
      load(options);
    } catch (const data_error& error) {
      found = error.what();
    }
    CAPTURE(found);
    CHECK(found.find(text) != std::string::npos);
    return found.find(text) != std::string::npos;
  }
};

} // namespace

TEST_CASE("another file's lines are labelled as those of training were") {
  text_file x("libsvm", "b 1:1\na 2:1\nb 1:2\na 3:1\nb 1:1\na 2:1\n");
  const auto data = load(x.options);
  auto other = x.options;
  other.test_path = x.write_text("other", "b 2:4\nb 1:5\n");
  const auto found = load_test(other, data.prepared, data.train.input, 2);
  CHECK(found.labels == std::vector<std::int32_t>{1, 1}); // there is no class "a" in the file
  CHECK(found.classes == 2);
  REQUIRE(found.input == data.train.input);
  CHECK(found.features(1, 0) == 4);
  CHECK(load_test(x.options, data.prepared, data.train.input, 2).features == data.test.features);
  other.test_path = x.write_text("other", "c 2:4\n");
  CHECK_THROWS_WITH_AS(load_test(other, data.prepared, data.train.input, 2),
                       doctest::Contains("other:1: column 1: found label \"c\""), data_error);
  other.test_path = x.write_text("other", "a 9:4\n");
  CHECK_THROWS_WITH_AS(
      load_test(other, data.prepared, data.train.input, 2),
      doctest::Contains(
          "other:1: column 2: found \"9:4\", expected an index of at most 3, which the model has"),
      data_error);
}

TEST_CASE("a split finds the test part only in the file that was split") {
  std::string lines;
  std::string numbers;
  std::string table = "a,y\n";
  for (int i = 0; i < 40; ++i) {
    lines += i % 2 == 0 ? "b 1:1\n" : "a 2:1\n";
    numbers += std::to_string(i * i % 7) + "\n";
    table += std::to_string(i) + "," + std::to_string(i % 3) + "\n";
  }
  const std::pair<const char*, std::string> sources[] = {
      {"libsvm", lines}, {"series", numbers}, {"csv", table}};
  for (const auto& written : sources) {
    const auto* const source = written.first; // clang 14 captures no structured binding
    const auto& text = written.second;
    CAPTURE(source);
    text_file x(source, text);
    if (x.options.source == "csv")
      x.options.target = "y";
    x.options.window = 2;
    x.options.bins = 2;
    const auto data = load(x.options);
    const auto test = [&](const data_options& options) {
      return load_test(options, data.prepared, data.train.input, data.train.classes);
    };
    CHECK(test(x.options).features == data.test.features);
    const auto last = text.substr(text.rfind('\n', text.size() - 2) + 1);
    auto all = x.options;
    all.train_share = 0;
    x.write_text("train", text + last); // a row more
    CHECK_THROWS_WITH_AS(test(x.options),
                         doctest::Contains(source == std::string("series")
                                               ? "(40 numbers then, 41 now)"
                                               : "(40 rows then, 41 now)"),
                         data_error);
    CHECK(test(all).size() >= 38);
    const auto head = source == std::string("csv") ? std::string("a,y\n") : std::string();
    auto reordered = head; // the same rows, the last one first
    reordered += last;
    reordered += text.substr(head.size(), text.size() - head.size() - last.size());
    x.write_text("train", reordered);
    CHECK_THROWS_WITH_AS(test(x.options),
                         doctest::Contains("then and now, but not the same ones); name it with"),
                         data_error);
    CHECK(test(all).size() >= 37);
  }
}

TEST_CASE("a checksum is of the bytes, whatever parts they come in") {
  std::string text(1000, 'x');
  for (std::size_t i = 0; i < text.size(); ++i)
    text[i] = static_cast<char>(i * i % 251);
  content_sum whole;
  whole.add(text.data(), text.size());
  for (std::size_t step : {1U, 7U, 31U, 32U, 33U, 500U}) {
    content_sum parts;
    for (std::size_t at = 0; at < text.size(); at += step)
      parts.add(text.data() + at, std::min(step, text.size() - at));
    CHECK(parts.value() == whole.value());
  }
  for (const std::size_t at : {0U, 31U, 500U, 999U}) {
    auto other = text;
    other[at] ^= 1;
    content_sum sum;
    sum.add(other.data(), other.size());
    CHECK(sum.value() != whole.value());
  }
  content_sum longer = whole;
  longer.add("\0", 1);
  CHECK(longer.value() != whole.value());
}

TEST_CASE("sparse lines with a file to test") {
  text_file x("libsvm", "+1 1:0.5 3:-2 # a comment\n-1 2:1e1\n\n1.0 4:7\r\n-1\n");
  x.options.test_path = x.write_text("test", "-1 5:3\n");
  const auto data = load(x.options);
  CHECK(data.prepared.class_names == std::vector<std::string>{"-1", "1"});
  CHECK(data.train.labels == std::vector<std::int32_t>{1, 0, 1, 0});
  CHECK(data.test.labels == std::vector<std::int32_t>{0});
  REQUIRE(data.train.input == flat(5));
  Eigen::MatrixXf expected = Eigen::MatrixXf::Zero(5, 4);
  expected(0, 0) = 0.5F;
  expected(2, 0) = -2;
  expected(1, 1) = 10;
  expected(3, 2) = 7;
  CHECK(data.train.features == expected);
  CHECK(data.test.features(4, 0) == 3);
  x.options.task = "regression";
  CHECK(load(x.options).train.values == std::vector<float>{1, -1, 1, -1});
  CHECK(load(x.options).train.classes == 0);
  x.options.train_limit = 3;
  CHECK(load(x.options).train.size() == 3);
  CHECK(load(x.options).train.values.size() == 3);
}

TEST_CASE("sparse lines that are split") {
  std::string text;
  for (int i = 0; i < 70; ++i)
    text += std::to_string(i % 2) + " 1:" + std::to_string(i) + "\n";
  text_file x("libsvm", text);
  const auto data = load(x.options);
  CHECK(data.train.size() == 60);
  CHECK(data.test.size() == 10);
  for (std::size_t i = 0; i < 60; ++i)
    CHECK(data.train.labels[i] ==
          static_cast<int>(data.train.features(0, static_cast<Eigen::Index>(i))) % 2);
}

TEST_CASE("sparse lines: every mistake with its place") {
  text_file x("libsvm", "");
  CHECK(x.complains("train: has 0 samples"));
  const auto with = [&](const std::string& line) {
    x.write_text("train", "1 1:2\n0 1:3\n" + line + "\n");
  };
  with("1 0:2");
  CHECK(x.complains("train:3: column 2: found \"0:2\", expected index:value with an index from 1"));
  with("1 2:1 2:3");
  CHECK(x.complains("train:3: column 3: found \"2:3\", expected an index above 2"));
  for (const auto* word : {"1:nan", "1:inf", "1:", "1:x", "1:1e99"}) {
    with("1 " + std::string(word));
    CHECK(x.complains("train:3: column 2: found \"" + std::string(word) +
                      "\", expected a number that a float can hold after the colon"));
  }
  with("1 2");
  CHECK(x.complains("column 2: found \"2\", expected index:value"));
  with("1:2 2:3");
  CHECK(x.complains("train:3: column 1: found \"1:2\", expected a label"));
  with("1 1073741824:1");
  CHECK(x.complains("numbers in all"));
  with("1 99999999999999999999:1");
  CHECK(x.complains("expected index:value"));
  x.write_text("train", "1 1:2\n0 1:3\n");
  x.options.test_path = x.write_text("test", "1 1:2\n3 1:3\n");
  CHECK(x.complains("test:2: column 1: found label \"3\", expected one of the 2 classes"));
  x.options.task = "regression";
  with("a 1:2");
  CHECK(
      x.complains("train:3: column 1: found label \"a\", expected a number that a float can hold"));
  x.options.test_path = "/missing";
  CHECK(x.complains("cannot be read"));
}

TEST_CASE("sparse lines: a label that is no label") {
  text_file file("libsvm", "1 1:2\n0 1:3\nnan 1:1\n1 1:4\n");
  CHECK(file.complains("3: column 1: found \"nan\", expected a label"));
}

TEST_CASE("a series: the value so many after the window, as a number") {
  std::string text;
  for (int i = 0; i < 70; ++i)
    text += std::to_string(i * i) + "\n";
  text_file x("series", text);
  x.options.window = 3;
  x.options.horizon = 4;
  x.options.task = "regression";
  x.options.scale = "none";
  const auto data = load(x.options);
  REQUIRE(data.train.size() == 60 - 3 - 4 + 1);
  CHECK(data.test.size() == 10 - 3 - 4 + 1);
  CHECK(data.train.input == shape{3, 1, 1});
  CHECK(data.train.features(2, 10) == 12 * 12);
  CHECK(data.train.values[10] == 16 * 16);
  CHECK(data.test.values[0] == 66 * 66);
  x.options.horizon = 8;
  CHECK(x.complains("data.horizon 8; expected"));
  x.options.task = "classification";
  CHECK(x.complains("expected \"bins\" or \"regression\""));
}

TEST_CASE("balanced weights, also of a class without samples") {
  dataset x;
  x.classes = 3;
  x.labels = {0, 0, 0, 1};
  x.features.resize(1, 4);
  const auto weights = balanced_weights(x);
  CHECK(weights[0] == doctest::Approx(4.0 / 9));
  CHECK(weights[1] == doctest::Approx(4.0 / 3));
  CHECK(weights[2] == 1);
  // A class without samples harms no split; numbers have no classes to skew.
  const std::vector<double> shares = {1, 1};
  CHECK(partition_dirichlet(x, shares, 0.1, generator(1, "x")).size() == 2);
  x.classes = 0;
  x.labels.clear();
  x.values = {1, 2, 3, 4};
  CHECK_THROWS_AS(partition_dirichlet(x, shares, 0.1, generator(1, "x")), data_error);
  CHECK(partition_iid(x, shares, generator(1, "x")).size() == 2);
  text_file file("libsvm", "1 1:2\n0 1:3\n0 1:1\n");
  file.options.test_path = file.options.path;
  file.options.class_weights = "balanced";
  CHECK(load(file.options).train.class_weights == std::vector<float>{0.75F, 1.5F});
  CHECK(load(file.options).test.class_weights.empty());
}
