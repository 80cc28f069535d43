#include "actors/server/rules/passes.hpp"
#include "actors/server/rules/rules.hpp"

#include <cmath>

namespace adsp {

namespace {

/// The authors' constants.
constexpr double agree = 0.2;      ///< from this cosine on an update stays as it is
constexpr double doubt = 3;        ///< kappa: the velocity's weight in how far an update is trusted
constexpr double most_taken = 0.5; ///< of what points against the velocity

/// An update turned towards the velocity: a U + b V.
struct turned {
  double a = 1;
  double b = 0;
};

/// By the squares of both and their product.
turned turn(double uu, double uv, double vv) {
  if (uu <= 0 || vv <= 0)
    return {};
  const auto u = std::sqrt(uu);
  const auto v = std::sqrt(vv);
  const auto cosine = uv / (u * v);
  if (cosine >= agree)
    return {};
  const auto trust = u / (u + doubt * v);
  if (cosine < 0) {
    const auto taken = std::min(most_taken * -cosine * trust, most_taken);
    return {1, -taken * cosine * u / v};
  }
  const auto share = std::min((1 - cosine) * trust, 1.0);
  // |(1 - share) U/|U| + share V/|V||
  const auto length =
      std::sqrt((1 - share) * (1 - share) + share * share + 2 * share * (1 - share) * cosine);
  return {(1 - share) / length, share * u / (v * length)};
}

class look_ahead_applier final : public commit_applier {
public:
  look_ahead_applier(const sync::commit_rule& rule, std::size_t size)
      : momentum_{static_cast<float>(rule.momentum)}, scale_{1 / std::sqrt(static_cast<double>(
                                                                     rule.count))},
        velocity_(size) {}

  bool looks_ahead() const override { return true; }

  bool apply(const commit_step& step) override {
    if (!sound(step.update))
      return false;
    double uu = 0;
    double uv = 0;
    double vv = 0;
    for_each_chunk(step.update, [&](std::size_t at, std::span<const float> chunk) {
      for (std::size_t i = 0; i < chunk.size(); ++i) {
        const double u = chunk[i];
        const double v = velocity_[at + i];
        uu += u * u;
        uv += u * v;
        vv += v * v;
      }
    });
    const auto way = turn(uu, uv, vv);
    const auto a = static_cast<float>(scale_ * way.a);
    const auto b = static_cast<float>(scale_ * way.b);
    for_each_chunk(step.update, [&](std::size_t at, std::span<const float> chunk) {
      for (std::size_t i = 0; i < chunk.size(); ++i) {
        float& v = velocity_[at + i];
        const float g = a * chunk[i] + b * v;
        v = momentum_ * v + (1 - momentum_) * g;
        step.to[at + i] = step.from[at + i] - step.eta * (g + momentum_ * v);
      }
    });
    return true;
  }

  void look_ahead(float eta, std::span<const float> from, std::span<float> to) const override {
    for (std::size_t i = 0; i < from.size(); ++i)
      to[i] = from[i] - eta * momentum_ * velocity_[i];
  }

  void reset() override { std::ranges::fill(velocity_, 0.0F); }
  rule_state save() const override { return {{copy_of(velocity_)}, {}}; }
  bool load(const rule_state& kept) override { return restore_blocks(kept, 0, {&velocity_}); }

private:
  float momentum_;
  double scale_; ///< rho
  std::vector<float> velocity_;
};

} // namespace

applier_ptr make_look_ahead(const sync::commit_rule& rule, std::size_t size) {
  return std::make_unique<look_ahead_applier>(rule, size);
}

} // namespace adsp
