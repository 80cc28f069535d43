#include "actors/server/rules/passes.hpp"
#include "actors/server/rules/rules.hpp"

namespace adsp {

namespace {

/// to = from - eta update, in one pass. False if the update is not finite; `to` is then unusable.
bool subtract_into(std::span<float> to, std::span<const float> from, float eta,
                   std::span<const float> update) {
  float* __restrict result = to.data();
  const float* __restrict w = from.data();
  const float* __restrict u = update.data();
  finite_check check;
  for (std::size_t i = 0; i < update.size(); ++i) {
    result[i] = w[i] - eta * u[i];
    check.see(u[i]);
  }
  return check.passed();
}

class plain_applier final : public commit_applier {
public:
  bool in_place() const override { return true; }

  bool apply(const commit_step& step) override {
    const auto& update = step.update;
    const bool here = step.to.data() == step.from.data();
    if (update.format() == wire_format::topk) {
      if (!here)
        std::ranges::copy(step.from, step.to.begin());
      subtract_kept(step.to, step.eta, update);
      return true;
    }
    if (here) {
      // Nothing may change if the update is not finite, hence a separate pass checks it first.
      if (!sound(update))
        return false;
      for_each_chunk(update, [&](std::size_t at, std::span<const float> chunk) {
        subtract(step.to.subspan(at), step.eta, chunk);
      });
      return true;
    }
    bool finite = true;
    for_each_chunk(update, [&](std::size_t at, std::span<const float> chunk) {
      finite &= subtract_into(step.to.subspan(at), step.from.subspan(at), step.eta, chunk);
    });
    return finite;
  }
};

} // namespace

applier_ptr make_plain() {
  return std::make_unique<plain_applier>();
}

} // namespace adsp
