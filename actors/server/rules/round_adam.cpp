#include "actors/server/rules/round_mean.hpp"
#include "actors/server/rules/rules.hpp"

#include <cmath>

namespace adsp {

namespace {

class round_adam final : public commit_applier {
public:
  round_adam(const sync::commit_rule& rule, std::size_t size)
      : beta1_{static_cast<float>(rule.momentum)}, beta2_{static_cast<float>(rule.beta2)},
        floor_{static_cast<float>(rule.floor)}, yogi_{rule.kind == sync::rule_kind::yogi},
        mean_{rule.step_weight, size}, first_(size), second_(size, floor_ * floor_) {}

  bool collects() const override { return true; }
  bool apply(const commit_step& step) override { return mean_.take(step); }

  void close(float eta, std::span<const float> from, std::span<float> to) override {
    auto& sum = mean_.sum();
    const float share = mean_.share();
    for (std::size_t i = 0; i < sum.size(); ++i) {
      const float g = share * sum[i];
      sum[i] = 0;
      first_[i] = beta1_ * first_[i] + (1 - beta1_) * g;
      second_[i] = next_second(second_[i], g * g);
      to[i] = from[i] - eta * first_[i] / (std::sqrt(second_[i]) + floor_);
    }
    mean_.begin_round();
  }

  void reset() override {
    mean_.reset();
    std::ranges::fill(first_, 0.0F);
    std::ranges::fill(second_, floor_ * floor_);
  }

  rule_state save() const override {
    return {{copy_of(mean_.sum()), copy_of(first_), copy_of(second_)}, mean_.numbers()};
  }

  bool load(const rule_state& kept) override {
    if (!restore_blocks(kept, round_mean::number_count, {&mean_.sum(), &first_, &second_}))
      return false;
    mean_.load(kept.numbers);
    return true;
  }

private:
  float next_second(float before, float square) const {
    if (yogi_)
      return before - (1 - beta2_) * std::copysign(square, before - square);
    return beta2_ * before + (1 - beta2_) * square;
  }

  float beta1_;
  float beta2_;
  float floor_; ///< tau
  bool yogi_;
  round_mean mean_;
  std::vector<float> first_;  ///< mean of the rounds' means
  std::vector<float> second_; ///< and of their squares
};

} // namespace

applier_ptr make_round_adam(const sync::commit_rule& rule, std::size_t size) {
  return std::make_unique<round_adam>(rule, size);
}

} // namespace adsp
