#include "actors/server/rules/round_mean.hpp"
#include "actors/server/rules/rules.hpp"

namespace adsp {

namespace {

class round_nesterov final : public commit_applier {
public:
  round_nesterov(const sync::commit_rule& rule, std::size_t size)
      : momentum_{static_cast<float>(rule.momentum)},
        scheduled_{rule.kind == sync::rule_kind::scheduled_nesterov}, mean_{rule.step_weight, size},
        velocity_(size), workers_{rule.count} {}

  bool collects() const override { return true; }
  bool apply(const commit_step& step) override { return mean_.take(step); }

  void set_workers(std::uint32_t count) override { workers_ = std::max(1U, count); }

  void close(float eta, std::span<const float> from, std::span<float> to) override {
    ++steps_;
    float* __restrict result = to.data();
    const float* __restrict w = from.data();
    float* __restrict sum = mean_.sum().data();
    float* __restrict v = velocity_.data();
    const float share = scheduled_ ? mean_.steady_share() : mean_.share();
    const float momentum = present_momentum();
    for (std::size_t i = 0; i < velocity_.size(); ++i) {
      const float g = share * sum[i];
      sum[i] = 0;
      v[i] = momentum * v[i] + g;
      result[i] = w[i] - eta * (g + momentum * v[i]);
    }
    mean_.begin_round();
  }

  void reset() override {
    mean_.reset();
    std::ranges::fill(velocity_, 0.0F);
    steps_ = 0;
  }

  rule_state save() const override {
    auto numbers = mean_.numbers();
    numbers.push_back(static_cast<double>(steps_));
    return {{copy_of(mean_.sum()), copy_of(velocity_)}, numbers};
  }

  bool load(const rule_state& kept) override {
    if (!restore_blocks(kept, round_mean::number_count + 1, {&mean_.sum(), &velocity_}))
      return false;
    mean_.load(kept.numbers);
    steps_ = static_cast<std::uint64_t>(kept.numbers.back());
    return true;
  }

private:
  /// The first steps are the largest: a velocity of their size would carry the parameters far
  /// beyond, hence the schedule. And V adds up noise as well as progress, by 1 / (1 - beta): few
  /// updates average away little of it, hence at most M (M - 1) for M workers.
  float present_momentum() const {
    if (!scheduled_)
      return momentum_;
    const auto k = static_cast<float>(steps_);
    const auto workers = static_cast<float>(workers_);
    const auto most = std::max(1.0F, workers * (workers - 1));
    return std::min({momentum_, (k - 1) / (k + 2), 1 - 1 / most});
  }

  float momentum_;
  bool scheduled_;
  round_mean mean_;
  std::vector<float> velocity_;
  std::uint32_t workers_;   ///< M
  std::uint64_t steps_ = 0; ///< since the velocity was zero
};

} // namespace

applier_ptr make_round_nesterov(const sync::commit_rule& rule, std::size_t size) {
  return std::make_unique<round_nesterov>(rule, size);
}

} // namespace adsp
