// Images that are cropped, flipped and shifted, and the measures of predictions.
#include "learning/data/augmentation.hpp"
#include "learning/data_error.hpp"
#include "learning/models/metrics.hpp"
#include "learning/models/model.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <utility>
#include <vector>

using namespace adsp::learning;

namespace {

constexpr shape image{3, 4, 2};

/// Copies of one image whose numbers are all different.
minibatch copies(Eigen::Index count) {
  minibatch result;
  result.features.resize(image.size(), count);
  for (Eigen::Index i = 0; i < image.size(); ++i)
    result.features.row(i).setConstant(static_cast<float>(i + 1));
  return result;
}

float pixel(const minibatch& x, Eigen::Index sample, std::ptrdiff_t row, std::ptrdiff_t column,
            std::ptrdiff_t channel) {
  if (row < 0 || row >= image.height || column < 0 || column >= image.width)
    return 0;
  return x.features((row * image.width + column) * image.channels + channel, sample);
}

/// Whether sample i of `x` is the image, moved so far and flipped before or not.
bool is_moved(const minibatch& x, Eigen::Index i, std::ptrdiff_t down, std::ptrdiff_t right,
              bool flipped) {
  const auto original = copies(1);
  for (std::ptrdiff_t row = 0; row < image.height; ++row)
    for (std::ptrdiff_t column = 0; column < image.width; ++column)
      for (std::ptrdiff_t channel = 0; channel < image.channels; ++channel) {
        const auto from = column - right;
        const auto source = flipped ? image.width - 1 - from : from;
        if (pixel(x, i, row, column, channel) != pixel(original, 0, row - down, source, channel))
          return false;
      }
  return true;
}

} // namespace

TEST_CASE("half of the images are flipped") {
  auto x = copies(400);
  generator random(1, "x");
  augment(parse_augmentation({"flip"}), image, random, x);
  int flipped = 0;
  for (Eigen::Index i = 0; i < 400; ++i) {
    flipped += is_moved(x, i, 0, 0, true) ? 1 : 0;
    CHECK((is_moved(x, i, 0, 0, true) || is_moved(x, i, 0, 0, false)));
  }
  CHECK(flipped > 150);
  CHECK(flipped < 250);
}

TEST_CASE("every shift comes, and zeros move in") {
  auto x = copies(1000);
  generator random(1, "x");
  augment(parse_augmentation({"shift:2"}), image, random, x);
  std::set<std::pair<int, int>> seen;
  for (Eigen::Index i = 0; i < 1000; ++i)
    for (int down = -2; down <= 2; ++down)
      for (int right = -2; right <= 2; ++right)
        if (is_moved(x, i, down, right, false))
          seen.insert({down, right});
  CHECK(seen.size() == 25);
}

TEST_CASE("the same generator, the same images; more than an image's size leaves nothing") {
  auto x = copies(50);
  auto y = copies(50);
  generator one(1, "x");
  generator two(1, "x");
  const auto how = parse_augmentation({"flip", "shift:64"});
  CHECK(how.flip);
  CHECK(how.shift == 64);
  augment(how, image, one, x);
  augment(how, image, two, y);
  CHECK(x.features == y.features);
  CHECK((x.features.colwise().sum().array() == 0).count() > 30);
  auto z = copies(2);
  augment({}, image, one, z);
  CHECK(z.features == copies(2).features);
}

TEST_CASE(
    "every part of an image comes into the minibatches, with its label; the same draws, the same") {
  dataset all;
  all.features = copies(1).features.replicate(1, 2);
  all.features.col(1) *= -1;
  all.labels = {0, 1};
  all.input = image;
  crop_at_random(2, all);
  CHECK(all.input == shape{2, 2, 2});
  CHECK(input_of(all) == all.input);
  std::vector<std::uint32_t> rows(200);
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = static_cast<std::uint32_t>(i % 2);
  generator random(1, "x");
  minibatch x;
  draw_samples(all, rows, random, x);
  REQUIRE(x.features.rows() == 8);
  const auto part = copies(1);
  std::set<std::pair<int, int>> seen;
  for (Eigen::Index i = 0; i < 200; ++i) {
    CHECK(x.labels[static_cast<std::size_t>(i)] == i % 2);
    const float sign = i % 2 == 0 ? 1.0F : -1.0F;
    int found = 0;
    for (int top = 0; top <= 1; ++top)
      for (int left = 0; left <= 2; ++left) {
        Eigen::VectorXf expected(8);
        for (int k = 0; k < 8; ++k)
          expected[k] = sign * pixel(part, 0, top + k / 4, left + k / 2 % 2, k % 2);
        if (x.features.col(i) == expected) {
          ++found;
          seen.insert({top, left});
        }
      }
    CHECK(found == 1);
  }
  CHECK(seen.size() == 6);
  generator again(1, "x");
  minibatch y;
  draw_samples(all, rows, again, y);
  CHECK(x.features == y.features);
}

TEST_CASE("the middle of an image, and parts larger than it") {
  dataset all;
  all.features = copies(2).features;
  all.input = image;
  crop_to_middle(2, all);
  CHECK(all.input == shape{2, 2, 2});
  Eigen::VectorXf expected(8);
  for (int k = 0; k < 8; ++k)
    expected[k] = pixel(copies(1), 0, k / 4, 1 + k / 2 % 2, k % 2);
  CHECK(all.features.col(1) == expected);
  crop_to_middle(2, all);
  crop_at_random(2, all); // all there is
  CHECK(all.features.col(0) == expected);
  CHECK(all.image.size() == 0);
  CHECK_THROWS_WITH_AS(crop_to_middle(3, all),
                       "data.augment has \"crop:3\", and the images are 2 x 2 x 2; expected at "
                       "most 2",
                       data_error);
  CHECK_THROWS_AS(crop_at_random(3, all), data_error);
}

TEST_CASE("words that mean nothing") {
  for (const auto* word : {"", "turn", "shift", "shift:", "shift:0", "shift:65", "shift:2x",
                           "shift:-1", "crop", "crop:0", "crop:4097", "crop:8x8"})
    CHECK_THROWS_AS(parse_augmentation({word}), data_error);
}

TEST_CASE("confusion, precision and recall") {
  confusion_matrix x(3);
  for (auto [label, predicted] : {std::pair{0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}, {1, 1}})
    x.add(label, predicted);
  CHECK(x.count(0, 1) == 1);
  CHECK(x.precision(0) == doctest::Approx(2.0 / 3));
  CHECK(x.recall(1) == doctest::Approx(2.0 / 3));
  CHECK(std::isnan(x.recall(2)));
  CHECK(std::isnan(x.precision(2)));
}
