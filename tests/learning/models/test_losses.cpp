// Losses against their definitions and central differences.
#include "learning/models/loss.hpp"
#include "tests/learning/layers/layer_check.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

using namespace adsp::learning;

namespace {

const std::vector<std::string> kinds = {"cross_entropy", "hinge", "crammer_singer", "squared",
                                        "huber"};

/// |gradient - central differences| / |central differences|
template <class Scalar>
double loss_error(const std::string& kind, std::uint64_t seed, bool weighted) {
  generator random(seed, "loss");
  const auto samples = static_cast<std::ptrdiff_t>(1 + random.below(9));
  const auto outputs =
      is_classification(kind) ? static_cast<std::ptrdiff_t>(2 + random.below(9)) : 1;
  std::vector<std::int32_t> labels;
  std::vector<float> values;
  std::vector<float> weights;
  for (std::ptrdiff_t i = 0; i < samples; ++i) {
    labels.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(outputs))));
    values.push_back(static_cast<float>(2 * random.normal()));
  }
  for (std::ptrdiff_t i = 0; weighted && i < outputs; ++i)
    weights.push_back(static_cast<float>(0.5 + random.uniform()));
  targets x{{}, {}, weights};
  if (is_classification(kind))
    x.labels = labels;
  else
    x.values = values;
  auto y = random_numbers<Scalar>(outputs, samples, random);
  matrix<double> at = y.template cast<double>();
  auto exact = make_loss<double>(kind);
  const auto value = [&] { return exact->value({at.data(), outputs, samples}, x); };
  const auto before = value();
  const auto found = make_loss<Scalar>(kind)->value_and_gradient({y.data(), outputs, samples}, x);
  CHECK(found == doctest::Approx(before).epsilon(1e-5));
  double difference = 0;
  double norm = 1e-30;
  for (std::ptrdiff_t i = 0; i < at.size(); ++i) {
    const auto here = at.data()[i];
    at.data()[i] = here + 1e-6;
    const auto above = value();
    at.data()[i] = here - 1e-6;
    const auto below = value();
    at.data()[i] = here;
    const auto slope = (above - below) / 2e-6 / static_cast<double>(samples);
    const auto away = slope - static_cast<double>(y.data()[i]);
    difference += away * away;
    norm += slope * slope;
  }
  return std::sqrt(difference / norm);
}

} // namespace

TEST_CASE("gradients of the losses agree with central differences") {
  for (const auto& kind : kinds)
    for (auto weighted : {false, true})
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        CAPTURE(kind);
        CAPTURE(weighted);
        CAPTURE(seed);
        CHECK(loss_error<double>(kind, seed, weighted) < 1e-6);
        CHECK(loss_error<float>(kind, seed, weighted) < 1e-3);
      }
}

TEST_CASE("losses as they are defined") {
  const std::vector<std::int32_t> labels = {1, 0};
  const std::vector<float> values = {1, 5};
  const std::vector<float> weights = {3, 1};
  matrix<double> y(2, 2);
  y << 0.5, 2, 0.25, 1.5;
  const const_batch_view<double> scores(y.data(), 2, 2);
  const auto a = std::log(1 + std::exp(0.25));
  const auto b = std::log(1 + std::exp(-0.5));
  CHECK(make_loss<double>("cross_entropy")->value(scores, {labels, {}, {}}) ==
        doctest::Approx(a + b));
  CHECK(make_loss<double>("cross_entropy")->value(scores, {labels, {}, weights}) ==
        doctest::Approx(a + 3 * b));
  CHECK(make_loss<double>("hinge")->value(scores, {labels, {}, {}}) ==
        doctest::Approx(1.5 + 0.75 + 0 + 2.5));
  CHECK(make_loss<double>("crammer_singer")->value(scores, {labels, {}, {}}) ==
        doctest::Approx(1.25 + 0.5));
  const const_batch_view<double> numbers(y.data(), 1, 2); // 0.5, 0.25
  CHECK(make_loss<double>("squared")->value(numbers, {{}, values, {}}) ==
        doctest::Approx(0.125 + 4.75 * 4.75 / 2));
  CHECK(make_loss<double>("huber")->value(numbers, {{}, values, {}}) ==
        doctest::Approx(0.125 + 4.25));
  CHECK_THROWS_AS(make_loss<float>("log"), std::invalid_argument);
}

TEST_CASE("divergence shows in every loss") {
  const std::vector<std::int32_t> labels = {0};
  const std::vector<float> values = {1};
  for (const auto& kind : kinds) {
    CAPTURE(kind);
    const auto rows = is_classification(kind) ? 3 : 1;
    matrix<float> y = matrix<float>::Constant(rows, 1, std::numeric_limits<float>::quiet_NaN());
    CHECK(std::isnan(make_loss<float>(kind)->value({y.data(), rows, 1}, {labels, values, {}})));
    CHECK(std::isnan(
        make_loss<float>(kind)->value_and_gradient({y.data(), rows, 1}, {labels, values, {}})));
  }
}
