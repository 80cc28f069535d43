#include "actors/server/rules/passes.hpp"
#include "actors/server/rules/rules.hpp"

namespace adsp {

namespace {

class rennala_applier final : public commit_applier {
public:
  rennala_applier(const sync::commit_rule& rule, std::size_t size)
      : count_{rule.count}, sum_(size) {}

  bool collects() const override { return true; }
  bool full() const override { return commits_ >= count_; }

  bool apply(const commit_step& step) override {
    if (step.staleness > 0)
      return sound(step.update);
    if (!add(sum_, 1, step.update))
      return false;
    ++commits_;
    return true;
  }

  void close(float eta, std::span<const float> from, std::span<float> to) override {
    const auto factor = eta / static_cast<float>(count_);
    for (std::size_t i = 0; i < sum_.size(); ++i) {
      to[i] = from[i] - factor * sum_[i];
      sum_[i] = 0;
    }
    commits_ = 0;
  }

  void reset() override {
    std::ranges::fill(sum_, 0.0F);
    commits_ = 0;
  }

  rule_state save() const override { return {{copy_of(sum_)}, {static_cast<double>(commits_)}}; }

  bool load(const rule_state& kept) override {
    if (!restore_blocks(kept, 1, {&sum_}))
      return false;
    commits_ = static_cast<std::uint32_t>(kept.numbers[0]);
    return true;
  }

private:
  std::uint32_t count_;       ///< B, gradients of a step
  std::uint32_t commits_ = 0; ///< in the sum
  std::vector<float> sum_;
};

} // namespace

applier_ptr make_rennala(const sync::commit_rule& rule, std::size_t size) {
  return std::make_unique<rennala_applier>(rule, size);
}

} // namespace adsp
