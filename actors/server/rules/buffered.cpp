#include "actors/server/rules/passes.hpp"
#include "actors/server/rules/rules.hpp"

#include <cmath>

namespace adsp {

namespace {

class buffered_applier final : public commit_applier {
public:
  buffered_applier(const sync::commit_rule& rule, std::size_t size)
      : momentum_{static_cast<float>(rule.momentum)}, count_{rule.count}, sum_(size),
        velocity_(size) {}

  bool collects() const override { return true; }
  bool full() const override { return commits_ >= count_; }

  bool apply(const commit_step& step) override {
    const auto weight = 1 / std::sqrt(1 + static_cast<double>(step.staleness));
    if (!add(sum_, static_cast<float>(weight), step.update))
      return false;
    ++commits_;
    return true;
  }

  void close(float eta, std::span<const float> from, std::span<float> to) override {
    const auto share = 1 / static_cast<float>(count_);
    for (std::size_t i = 0; i < sum_.size(); ++i) {
      velocity_[i] = momentum_ * velocity_[i] + share * sum_[i];
      sum_[i] = 0;
      to[i] = from[i] - eta * velocity_[i];
    }
    commits_ = 0;
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
  std::uint32_t count_;       ///< K, commits of a step
  std::uint32_t commits_ = 0; ///< in the buffer
  std::vector<float> sum_;    ///< the buffer
  std::vector<float> velocity_;
};

} // namespace

applier_ptr make_buffered(const sync::commit_rule& rule, std::size_t size) {
  return std::make_unique<buffered_applier>(rule, size);
}

} // namespace adsp
