// The noisy quadratic against its closed form: loss, gradient, and the noise of a minibatch.
#include "learning/data/sources/quadratic_draws.hpp"
#include "learning/models/quadratic.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

using namespace adsp::learning;

namespace {

constexpr std::size_t dimensions = 6;
constexpr double condition = 100;

/// a_j, from 1 to 1/condition in even steps of the logarithm.
double curvature(std::size_t j) {
  return std::pow(10.0, -2.0 * static_cast<double>(j) / (dimensions - 1));
}

const std::vector<float> somewhere{0.5F, -2, 3, 1, 0, 10};

/// Mean loss of the batch.
double reference_loss(std::span<const float> w, const minibatch& batch) {
  double sum = 0;
  for (Eigen::Index i = 0; i < batch.features.cols(); ++i)
    for (std::size_t j = 0; j < dimensions; ++j) {
      const double away = double{w[j]} - batch.features(static_cast<Eigen::Index>(j), i);
      sum += curvature(j) * away * away / 2;
    }
  return sum / static_cast<double>(batch.features.cols());
}

minibatch first_of(const dataset& data, std::uint32_t first, std::uint32_t count) {
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), first);
  minibatch batch;
  gather(data, rows, batch);
  return batch;
}

} // namespace

TEST_CASE("the gradient of a minibatch is a_j (w_j - mean x_j)") {
  quadratic tested{dimensions, condition};
  const auto data = quadratic_data(50, dimensions, 0.8);
  for (std::uint32_t size : {1U, 7U, 50U}) {
    const auto batch = first_of(data.train, 0, size);
    std::vector<float> gradient(dimensions, 1e9F); // overwritten, not added to
    const auto loss = tested.loss_and_gradient(somewhere, batch, gradient);
    CHECK(loss == doctest::Approx(reference_loss(somewhere, batch)).epsilon(1e-5));
    for (std::size_t j = 0; j < dimensions; ++j) {
      CAPTURE(j);
      double mean = 0;
      for (std::uint32_t i = 0; i < size; ++i)
        mean += double{batch.features(static_cast<Eigen::Index>(j), i)} / size;
      const auto expected = curvature(j) * (double{somewhere[j]} - mean);
      CHECK(std::abs(gradient[j] - expected) < 1e-5 * (1 + std::abs(expected)));
      // Central differences of a quadratic are exact at any distance.
      auto ahead = somewhere;
      auto behind = somewhere;
      ahead[j] += 0.5F;
      behind[j] -= 0.5F;
      const auto slope = reference_loss(ahead, batch) - reference_loss(behind, batch);
      CHECK(std::abs(gradient[j] - slope) < 1e-5 * (1 + std::abs(slope)));
    }
  }
}

TEST_CASE("the held-out sample gives the expected loss above its least") {
  quadratic tested{dimensions, condition};
  const auto data = quadratic_data(10, dimensions, 0.8);
  REQUIRE(data.test.size() == 1);
  minibatch slice;
  const auto evaluated = [&](std::span<const float> w) {
    return evaluate_range(tested, w, data.test, 0, 1, slice);
  };
  const std::vector<float> optimum(dimensions, 1);
  const auto best = evaluated(optimum);
  CHECK(best.loss == 0);
  CHECK(best.correct == 1);
  CHECK(best.samples == 1);

  std::vector<float> start(tested.parameter_count(), 7);
  tested.initialise(start, generator{1, "initialise"});
  double start_loss = 0;
  double expected = 0;
  for (std::size_t j = 0; j < dimensions; ++j) {
    start_loss += curvature(j) / 2;
    expected += curvature(j) * std::pow(double{somewhere[j]} - 1, 2) / 2;
  }
  CHECK(evaluated(start).loss == doctest::Approx(start_loss).epsilon(1e-6));
  CHECK(evaluated(start).correct == 0);
  CHECK(evaluated(somewhere).loss == doctest::Approx(expected).epsilon(1e-6));
  // 1 % of the start's loss lies a tenth of the way before the optimum.
  CHECK(evaluated(std::vector<float>(dimensions, 0.89F)).correct == 0);
  CHECK(evaluated(std::vector<float>(dimensions, 0.91F)).correct == 1);
}

TEST_CASE("evaluate sums over all samples of a batch") {
  quadratic tested{dimensions, condition};
  const auto batch = first_of(quadratic_data(40, dimensions, 0.8).train, 0, 40);
  const auto sums = tested.evaluate(somewhere, batch);
  CHECK(sums.samples == 40);
  CHECK(sums.loss / 40 == doctest::Approx(reference_loss(somewhere, batch)).epsilon(1e-6));
}

TEST_CASE("a minibatch's gradient has the mean and the noise of the closed form") {
  constexpr double noise = 0.7;
  constexpr std::uint32_t batch_size = 8;
  constexpr std::uint32_t batches = 20'000;
  quadratic tested{dimensions, condition};
  const auto data = quadratic_data(batches * batch_size, dimensions, noise);
  std::vector<double> sum(dimensions);
  std::vector<double> squares(dimensions);
  std::vector<float> gradient(dimensions);
  for (std::uint32_t b = 0; b < batches; ++b) {
    tested.loss_and_gradient(somewhere, first_of(data.train, b * batch_size, batch_size), gradient);
    for (std::size_t j = 0; j < dimensions; ++j) {
      const auto off = gradient[j] - curvature(j) * (double{somewhere[j]} - 1);
      sum[j] += off;
      squares[j] += off * off;
    }
  }
  for (std::size_t j = 0; j < dimensions; ++j) {
    CAPTURE(j);
    const auto variance = std::pow(curvature(j) * noise, 2) / batch_size;
    CHECK(std::abs(sum[j] / batches) < 5 * std::sqrt(variance / batches));
    CHECK(squares[j] / batches == doctest::Approx(variance).epsilon(0.04));
  }
}

TEST_CASE("the data are always the same draws, as many as asked for") {
  const auto one = quadratic_data(30, 4, 2);
  CHECK(one.train.size() == 30);
  CHECK(one.train.features == quadratic_data(30, 4, 2).train.features);
  CHECK(quadratic_data(30, 4, 0).train.features == Eigen::MatrixXf::Ones(4, 30));
  CHECK(one.test.features == Eigen::MatrixXf::Ones(4, 1));
}

TEST_CASE("one dimension has curvature 1 whatever the condition") {
  quadratic tested{1, 50};
  std::vector<float> gradient(1);
  minibatch batch;
  batch.features = Eigen::MatrixXf::Ones(1, 1);
  batch.labels = {0};
  CHECK(tested.loss_and_gradient(std::vector{3.0F}, batch, gradient) == 2);
  CHECK(gradient[0] == 2);
}
