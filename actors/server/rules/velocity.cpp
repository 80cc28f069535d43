#include "actors/server/rules/passes.hpp"
#include "actors/server/rules/rules.hpp"

namespace adsp {

namespace {

class velocity_applier final : public commit_applier {
public:
  velocity_applier(const sync::commit_rule& rule, std::size_t size)
      : momentum_{static_cast<float>(rule.momentum)}, velocity_(size) {}

  bool apply(const commit_step& step) override {
    // The velocity must not change if the update is not finite.
    if (!sound(step.update))
      return false;
    for_each_chunk(step.update, [&](std::size_t at, std::span<const float> chunk) {
      float* __restrict result = step.to.data() + at;
      const float* __restrict w = step.from.data() + at;
      const float* __restrict u = chunk.data();
      float* __restrict v = velocity_.data() + at;
      const float momentum = momentum_;
      const float eta = step.eta;
      for (std::size_t i = 0; i < chunk.size(); ++i) {
        v[i] = momentum * v[i] + eta * u[i];
        result[i] = w[i] - v[i];
      }
    });
    return true;
  }

  void reset() override { std::ranges::fill(velocity_, 0.0F); }
  rule_state save() const override { return {{copy_of(velocity_)}, {}}; }
  bool load(const rule_state& kept) override { return restore_blocks(kept, 0, {&velocity_}); }

private:
  float momentum_;
  std::vector<float> velocity_;
};

} // namespace

applier_ptr make_velocity(const sync::commit_rule& rule, std::size_t size) {
  return std::make_unique<velocity_applier>(rule, size);
}

} // namespace adsp
