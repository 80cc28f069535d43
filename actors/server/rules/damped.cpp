#include "actors/server/rules/passes.hpp"
#include "actors/server/rules/rules.hpp"
#include "sync/damping.hpp"

namespace adsp {

namespace {

/// to = from - eta (update + kappa (from - base)). False if the update is not finite; `to` is then
/// unusable.
bool subtract_damped(std::span<float> to, std::span<const float> from, std::span<const float> base,
                     float eta, std::span<const float> update) {
  float* __restrict result = to.data();
  const float* w = from.data();
  const float* b = base.data(); // may be w
  const float* __restrict u = update.data();
  finite_check check;
  for (std::size_t i = 0; i < update.size(); ++i) {
    result[i] = w[i] - eta * (u[i] + sync::damping * (w[i] - b[i]));
    check.see(u[i]);
  }
  return check.passed();
}

class damped_applier final : public commit_applier {
public:
  bool reads_base() const override { return true; }

  bool apply(const commit_step& step) override {
    if (step.update.format() == wire_format::topk) {
      std::ranges::transform(
          step.from, step.base, step.to.begin(),
          [eta = step.eta](float w, float b) { return w - eta * sync::damping * (w - b); });
      subtract_kept(step.to, step.eta, step.update);
      return true;
    }
    bool finite = true;
    for_each_chunk(step.update, [&](std::size_t at, std::span<const float> chunk) {
      finite &= subtract_damped(step.to.subspan(at), step.from.subspan(at), step.base.subspan(at),
                                step.eta, chunk);
    });
    return finite;
  }
};

} // namespace

applier_ptr make_damped() {
  return std::make_unique<damped_applier>();
}

} // namespace adsp
