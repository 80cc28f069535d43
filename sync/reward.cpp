#include "sync/reward.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace adsp::sync {

namespace {

struct fit {
  loss_curve curve;
  double residual = std::numeric_limits<double>::infinity(); ///< sum of squares, in loss
};

/// Weighted linear least squares of 1/(l - a3) over t. A small error e of l moves 1/(l - a3) by
/// -e/(l - a3)^2, hence the weight (l - a3)^4.
fit fit_for(std::span<const loss_sample> samples, double a3) {
  double w = 0, wt = 0, wy = 0, wtt = 0, wty = 0;
  for (const auto& x : samples) {
    const auto above = x.loss - a3;
    const auto weight = std::pow(above, 4);
    w += weight;
    wt += weight * x.when;
    wy += weight / above;
    wtt += weight * x.when * x.when;
    wty += weight * x.when / above;
  }
  const auto determinant = w * wtt - wt * wt;
  fit result;
  if (!(determinant > 0))
    return result;
  result.curve = {(w * wty - wt * wy) / determinant, (wtt * wy - wt * wty) / determinant, a3};
  double residual = 0;
  for (const auto& x : samples) {
    if (!(result.curve.slope * x.when + result.curve.a2 > 0))
      return result;
    const auto error = x.loss - result.curve(x.when);
    residual += error * error;
  }
  if (std::isfinite(residual))
    result.residual = residual;
  return result;
}

/// Reorders `values`, which must not be empty.
double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1)
    return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// At most 200 samples, evenly chosen from first to last: the number of pairs grows with the
/// square.
std::vector<loss_sample> thinned(std::span<const loss_sample> samples) {
  constexpr std::size_t most = 200;
  if (samples.size() <= most)
    return {samples.begin(), samples.end()};
  std::vector<loss_sample> chosen;
  for (std::size_t i = 0; i < most; ++i)
    chosen.push_back(samples[i * (samples.size() - 1) / (most - 1)]);
  return chosen;
}

/// Factor on a standard error from n samples, so that three of them are exceeded as rarely as three
/// of a known spread. It corrects two things: residuals around a fitted line understate the spread
/// by sqrt(1 - 2/n), and they vary at random, hence the ratio of Student's quantile with n - 2
/// degrees of freedom to the normal one, in the first two orders of its expansion (Cornish and
/// Fisher, 1938).
double widening(std::size_t samples) {
  const auto n = static_cast<double>(samples);
  const auto freedom = n - 2;
  return std::sqrt(n / freedom) * (1 + 2.5 / freedom + 5.75 / (freedom * freedom));
}

constexpr estimate worst{-std::numeric_limits<double>::infinity(), 0};

} // namespace

std::optional<loss_curve> fit_loss_curve(std::span<const loss_sample> samples) {
  if (samples.size() < 3)
    return std::nullopt;
  auto smallest = std::numeric_limits<double>::infinity();
  for (const auto& x : samples) {
    if (!std::isfinite(x.loss) || !std::isfinite(x.when))
      return std::nullopt;
    smallest = std::min(smallest, x.loss);
  }
  if (!(smallest > 0))
    return std::nullopt;
  // A coarse scan, then golden-section search between the neighbours of the best point.
  constexpr int points = 64;
  const auto top = smallest * (1 - 1e-3);
  int best = 0;
  auto least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < points; ++i)
    if (const auto x = fit_for(samples, top * i / points); x.residual < least) {
      least = x.residual;
      best = i;
    }
  auto low = top * std::max(0, best - 1) / points;
  auto high = top * std::min(points, best + 1) / points;
  constexpr double golden = 0.6180339887498949;
  for (int i = 0; i < 40; ++i) {
    const auto left = high - golden * (high - low);
    const auto right = low + golden * (high - low);
    if (fit_for(samples, left).residual <= fit_for(samples, right).residual)
      high = right;
    else
      low = left;
  }
  const auto found = fit_for(samples, (low + high) / 2);
  if (!std::isfinite(found.residual) || !(found.curve.slope > 0))
    return std::nullopt;
  return found.curve;
}

double reward(std::span<const loss_sample> samples, double reference_loss) {
  const auto curve = fit_loss_curve(samples);
  if (!curve || !(reference_loss > curve->a3))
    return 0;
  const auto denominator = 1 / (reference_loss - curve->a3) - curve->a2;
  if (!(denominator > 0))
    return 0;
  const auto value = curve->slope / denominator;
  return std::isfinite(value) ? value : 0;
}

bool surely_better(const estimate& expected, const estimate& y) {
  constexpr double confidence = 3;
  if (!std::isfinite(expected.value))
    return false;
  if (y.value == worst.value)
    return true;
  return expected.value - y.value > confidence * std::hypot(expected.error, y.error);
}

estimate mean(const estimate& x, const estimate& y) {
  return {(x.value + y.value) / 2, std::hypot(x.error, y.error) / 2};
}

estimate descent(std::span<const loss_sample> all) {
  const auto samples = thinned(all);
  if (samples.size() < 4)
    return worst;
  std::vector<double> slopes;
  double mean_time = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!(samples[i].loss > 0) || !std::isfinite(samples[i].loss))
      return worst;
    mean_time += samples[i].when / static_cast<double>(samples.size());
    for (std::size_t j = 0; j < i; ++j)
      if (samples[i].when != samples[j].when)
        slopes.push_back(std::log(samples[i].loss / samples[j].loss) /
                         (samples[i].when - samples[j].when));
  }
  if (slopes.empty())
    return worst;
  const auto slope = median(slopes);
  std::vector<double> residuals;
  double spread = 0;
  for (const auto& x : samples) {
    residuals.push_back(std::log(x.loss) - slope * x.when);
    spread += (x.when - mean_time) * (x.when - mean_time);
  }
  const auto level = median(residuals);
  for (auto& x : residuals)
    x = std::abs(x - level);
  constexpr double deviations_a_median = 1.4826; // of a normal distribution
  const auto deviation = deviations_a_median * median(residuals);
  return {-slope, widening(samples.size()) * deviation / std::sqrt(spread)};
}

estimate reward_rule::operator()(std::span<const loss_sample> samples) const {
  return kind_ == reward_kind::curve ? estimate{reward(samples, reference_loss_), 0}
                                     : descent(samples);
}

} // namespace adsp::sync
