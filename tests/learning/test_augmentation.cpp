// Images that are flipped and shifted, and the measures of predictions.
#include "learning/augmentation.hpp"
#include "learning/metrics.hpp"

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

TEST_CASE("words that mean nothing") {
  for (const auto* word :
       {"", "turn", "shift", "shift:", "shift:0", "shift:65", "shift:2x", "shift:-1"})
    CHECK_THROWS_AS(parse_augmentation({word}), data_error);
}

TEST_CASE("confusion, precision and recall, errors") {
  confusion_matrix x(3);
  for (auto [label, predicted] : {std::pair{0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}, {1, 1}})
    x.add(label, predicted);
  CHECK(x.count(0, 1) == 1);
  CHECK(x.accuracy() == doctest::Approx(4.0 / 6));
  CHECK(x.precision(0) == doctest::Approx(2.0 / 3));
  CHECK(x.recall(1) == doctest::Approx(2.0 / 3));
  CHECK(std::isnan(x.recall(2)));
  CHECK(std::isnan(x.precision(2)));
  const auto errors = errors_of(std::vector<float>{1, 2, 5}, std::vector<float>{1, 4, 4});
  CHECK(errors.rmse == doctest::Approx(std::sqrt(5.0 / 3)));
  CHECK(errors.mae == doctest::Approx(1));
  CHECK(std::isnan(errors_of({}, {}).rmse));
}
