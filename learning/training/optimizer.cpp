// Gradient descent over one flat vector. Rules with a state work piece by piece: what one
// expression leaves in the cache the next one finds there, so that memory is read and written only
// once.
#include "learning/training/optimizer.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace adsp::learning {

namespace {

using float_array = Eigen::Map<Eigen::ArrayXf>;
using const_float_array = Eigen::Map<const Eigen::ArrayXf>;

/// Numbers of a piece: four vectors of this length fit into the first-level cache.
constexpr Eigen::Index piece = 1024;

/// Calls `advance(first, size)` for one piece after the other.
template <class Advance>
void by_pieces(Eigen::Index all, Advance advance) {
  for (Eigen::Index first = 0; first < all; first += piece)
    advance(first, std::min(piece, all - first));
}

double scheduled(const optimizer_options& options, const std::string& kind, std::uint64_t step) {
  const auto t = static_cast<double>(step);
  if (kind == "cosine") {
    const auto share =
        options.total_steps > 0 ? std::min(1.0, t / static_cast<double>(options.total_steps)) : 1;
    return options.floor +
           (options.learning_rate - options.floor) * (1 + std::cos(std::numbers::pi * share)) / 2;
  }
  if (kind == "constant" || options.decay_every == 0)
    return options.learning_rate;
  const auto whole_periods = step / options.decay_every;
  const auto decays = kind == "step" ? static_cast<double>(whole_periods)
                                     : t / static_cast<double>(options.decay_every);
  return std::max(options.floor, options.learning_rate * std::pow(options.decay, decays));
}

} // namespace

std::string optimizer_kind(const optimizer_options& options) {
  if (!options.kind.empty())
    return options.kind;
  return options.momentum > 0 ? "momentum" : "sgd";
}

double momentum_of(const optimizer_options& options) {
  const auto kind = optimizer_kind(options);
  return kind == "adam" ? options.beta1 : kind == "sgd" ? 0 : options.momentum;
}

std::string schedule_kind(const optimizer_options& options) {
  if (!options.schedule.empty())
    return options.schedule;
  return options.decay_every > 0 ? "step" : "constant";
}

double learning_rate_at(const optimizer_options& options, std::uint64_t step) {
  const auto rate = scheduled(options, schedule_kind(options), step);
  if (step + 1 >= options.warmup_steps)
    return rate;
  return rate * static_cast<double>(step + 1) / static_cast<double>(options.warmup_steps);
}

optimizer::optimizer(const optimizer_options& options, std::size_t parameter_count)
    : options_{options} {
  options_.kind = optimizer_kind(options);
  options_.schedule = schedule_kind(options);
  constexpr const char* kinds[] = {"sgd", "momentum", "nesterov", "adam"};
  const auto* const kind = std::ranges::find(kinds, options_.kind);
  if (kind == std::end(kinds))
    throw std::invalid_argument("optimizer.kind is \"" + options.kind +
                                "\", expected \"sgd\", \"momentum\", \"nesterov\" or \"adam\"");
  constexpr const char* schedules[] = {"constant", "step", "exponential", "cosine"};
  if (std::ranges::find(schedules, options_.schedule) == std::end(schedules))
    throw std::invalid_argument(
        "optimizer.schedule is \"" + options.schedule +
        "\", expected \"constant\", \"step\", \"exponential\" or \"cosine\"");
  rule_ = static_cast<rule>(kind - kinds);
  if (rule_ != rule::sgd)
    velocity_.resize(parameter_count);
  if (rule_ == rule::adam)
    squares_.resize(parameter_count);
}

void optimizer::step(std::span<float> parameters, std::span<const float> gradient) {
  assert(parameters.size() == gradient.size());
  assert(rule_ == rule::sgd || parameters.size() == velocity_.size());
  const auto size = static_cast<Eigen::Index>(parameters.size());
  float_array w(parameters.data(), size);
  const_float_array g(gradient.data(), size);
  float_array v(velocity_.data(), rule_ == rule::sgd ? 0 : size);
  const auto rate = static_cast<float>(learning_rate());
  const auto momentum = static_cast<float>(options_.momentum);
  ++steps_;
  ++since_restart_;
  switch (rule_) {
  case rule::sgd:
    w -= rate * g;
    break;
  case rule::momentum:
    by_pieces(size, [&](Eigen::Index at, Eigen::Index n) {
      v.segment(at, n) = momentum * v.segment(at, n) + g.segment(at, n);
      w.segment(at, n) -= rate * v.segment(at, n);
    });
    break;
  case rule::nesterov:
    by_pieces(size, [&](Eigen::Index at, Eigen::Index n) {
      v.segment(at, n) = momentum * v.segment(at, n) + g.segment(at, n);
      w.segment(at, n) -= rate * (g.segment(at, n) + momentum * v.segment(at, n));
    });
    break;
  case rule::adam: {
    float_array squares(squares_.data(), size);
    const auto beta1 = static_cast<float>(options_.beta1);
    const auto beta2 = static_cast<float>(options_.beta2);
    const auto rest1 = static_cast<float>(1 - options_.beta1);
    const auto rest2 = static_cast<float>(1 - options_.beta2);
    // Both bias corrections are moved out of the loop: numerator and denominator are multiplied by
    // sqrt(1 - beta2^t).
    const auto t = static_cast<double>(since_restart_);
    const auto root = std::sqrt(1 - std::pow(options_.beta2, t));
    const auto corrected =
        static_cast<float>(static_cast<double>(rate) * root / (1 - std::pow(options_.beta1, t)));
    const auto epsilon = static_cast<float>(options_.epsilon * root);
    by_pieces(size, [&](Eigen::Index at, Eigen::Index n) {
      v.segment(at, n) = beta1 * v.segment(at, n) + rest1 * g.segment(at, n);
      squares.segment(at, n) = beta2 * squares.segment(at, n) + rest2 * g.segment(at, n).square();
      w.segment(at, n) -= corrected * v.segment(at, n) / (squares.segment(at, n).sqrt() + epsilon);
    });
    break;
  }
  }
}

void optimizer::restart() {
  std::ranges::fill(velocity_, 0.0F);
  std::ranges::fill(squares_, 0.0F);
  since_restart_ = 0;
}

} // namespace adsp::learning
