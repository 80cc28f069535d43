#include "actors/server/rules/passes.hpp"
#include "actors/server/rules/rules.hpp"

namespace adsp {

namespace {

class delayed_nesterov_applier final : public commit_applier {
public:
  delayed_nesterov_applier(const sync::commit_rule& rule, std::size_t size)
      : momentum_{static_cast<float>(rule.momentum)}, count_{rule.count}, sum_(size),
        velocity_(size) {}

  bool apply(const commit_step& step) override {
    if (!sound(step.update))
      return false;
    const bool last = commits_ + 1 == count_;
    const auto share = 1 / static_cast<float>(count_);
    for_each_chunk(step.update, [&](std::size_t at, std::span<const float> chunk) {
      float* __restrict result = step.to.data() + at;
      const float* __restrict w = step.from.data() + at;
      const float* __restrict u = chunk.data();
      float* __restrict sum = sum_.data() + at;
      float* __restrict v = velocity_.data() + at;
      const float eta = step.eta;
      const float momentum = momentum_;
      if (!last) {
        for (std::size_t i = 0; i < chunk.size(); ++i) {
          sum[i] += u[i];
          result[i] = w[i] - eta * share * u[i];
        }
        return;
      }
      for (std::size_t i = 0; i < chunk.size(); ++i) {
        v[i] = momentum * v[i] + share * (sum[i] + u[i]);
        sum[i] = 0;
        result[i] = w[i] - eta * (momentum * v[i] + share * u[i]);
      }
    });
    commits_ = last ? 0 : commits_ + 1;
    return true;
  }

  void reset() override {
    std::ranges::fill(sum_, 0.0F);
    std::ranges::fill(velocity_, 0.0F);
    commits_ = 0;
  }

  rule_state save() const override {
    return {{copy_of(sum_), copy_of(velocity_)}, {static_cast<double>(commits_)}};
  }

  bool load(const rule_state& kept) override {
    if (!restore_blocks(kept, 1, {&sum_, &velocity_}))
      return false;
    commits_ = static_cast<std::uint32_t>(kept.numbers[0]);
    return true;
  }

private:
  float momentum_;
  std::uint32_t count_;       ///< N
  std::uint32_t commits_ = 0; ///< since the velocity last moved
  std::vector<float> sum_;    ///< of their updates
  std::vector<float> velocity_;
};

} // namespace

applier_ptr make_delayed_nesterov(const sync::commit_rule& rule, std::size_t size) {
  return std::make_unique<delayed_nesterov_applier>(rule, size);
}

} // namespace adsp
