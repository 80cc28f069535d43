#include "actors/server/commit_applier.hpp"

#include "messages/blocks/finite.hpp"
#include "messages/blocks/wire_codec.hpp"
#include "sync/damping.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace adsp {

namespace {

/// Calls `part(at, chunk)` for the floats of an update from its beginning; `at` is the position of
/// the chunk's first float.
template <class Part>
void for_each_chunk(const encoded_block& update, Part part) {
  std::size_t at = 0;
  for (chunk_reader reader{update}; !reader.done();) {
    const auto chunk = reader.next();
    part(at, chunk);
    at += chunk.size();
  }
}

/// w -= eta update, in place.
void subtract(std::span<float> to, float eta, std::span<const float> update) {
  float* __restrict w = to.data();
  const float* __restrict u = update.data();
  for (std::size_t i = 0; i < update.size(); ++i)
    w[i] -= eta * u[i];
}

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

/// to = from - eta (update + kappa (from - base)), likewise.
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

/// Subtracts the values of a topk update at their places.
void subtract_kept(std::span<float> w, float eta, const encoded_block& update) {
  const auto values = update.kept_values();
  update.with_places([&](auto places) {
    for (std::size_t i = 0; i < places.size(); ++i)
      w[places[i]] -= eta * values[i];
  });
}

bool has_form(const rule_state& kept, std::size_t blocks, std::size_t size, std::size_t numbers) {
  return kept.blocks.size() == blocks && kept.numbers.size() == numbers &&
         std::ranges::all_of(kept.blocks, [&](const auto& each) { return each.size() == size; });
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
      if (!all_finite(update.plain().values()))
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

class momentum_applier final : public commit_applier {
public:
  momentum_applier(float momentum, std::size_t size) : momentum_{momentum}, velocity_(size) {}

  bool apply(const commit_step& step) override {
    // The velocity must not change if the update is not finite.
    if (!all_finite(step.update.plain().values()))
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

  bool load(const rule_state& kept) override {
    if (!has_form(kept, 1, velocity_.size(), 0))
      return false;
    std::ranges::copy(kept.blocks[0].values(), velocity_.begin());
    return true;
  }

private:
  float momentum_;
  std::vector<float> velocity_;
};

/// Nesterov's momentum, once a round, on the weighted mean of the round's updates.
class round_applier final : public commit_applier {
public:
  round_applier(const sync::commit_rule& rule, std::size_t size)
      : momentum_{static_cast<float>(rule.momentum)}, exponent_{rule.step_weight}, sum_(size),
        velocity_(size) {}

  bool collects() const override { return true; }

  bool apply(const commit_step& step) override {
    const auto& update = step.update;
    const auto weight =
        std::pow(static_cast<double>(std::max<std::uint64_t>(1, step.steps)), exponent_);
    const auto factor = static_cast<float>(weight);
    if (update.format() == wire_format::topk) {
      subtract_kept(sum_, -factor, update);
    } else {
      // The sum must not change if the update is not finite.
      if (update.format() == wire_format::fp32 && !all_finite(update.plain().values()))
        return false;
      for_each_chunk(update, [&](std::size_t at, std::span<const float> chunk) {
        subtract(std::span{sum_}.subspan(at), -factor, chunk);
      });
    }
    weight_ += weight;
    return true;
  }

  void close(float eta, std::span<const float> from, std::span<float> to) override {
    float* __restrict result = to.data();
    const float* __restrict w = from.data();
    float* __restrict sum = sum_.data();
    float* __restrict v = velocity_.data();
    const auto share = static_cast<float>(1 / weight_);
    const float momentum = momentum_;
    for (std::size_t i = 0; i < sum_.size(); ++i) {
      const float g = share * sum[i];
      sum[i] = 0;
      v[i] = momentum * v[i] + g;
      result[i] = w[i] - eta * (g + momentum * v[i]);
    }
    weight_ = 0;
  }

  void reset() override {
    std::ranges::fill(sum_, 0.0F);
    std::ranges::fill(velocity_, 0.0F);
    weight_ = 0;
  }

  rule_state save() const override { return {{copy_of(sum_), copy_of(velocity_)}, {weight_}}; }

  bool load(const rule_state& kept) override {
    if (!has_form(kept, 2, sum_.size(), 1))
      return false;
    std::ranges::copy(kept.blocks[0].values(), sum_.begin());
    std::ranges::copy(kept.blocks[1].values(), velocity_.begin());
    weight_ = kept.numbers[0];
    return true;
  }

private:
  float momentum_;
  double exponent_;        ///< p
  std::vector<float> sum_; ///< of the weighted updates since the last step
  double weight_ = 0;      ///< of these updates
  std::vector<float> velocity_;
};

} // namespace

std::unique_ptr<commit_applier> make_applier(const sync::commit_rule& rule, std::size_t size) {
  if (rule.step == sync::server_step::round)
    return std::make_unique<round_applier>(rule, size);
  if (rule.momentum > 0)
    return std::make_unique<momentum_applier>(static_cast<float>(rule.momentum), size);
  if (rule.damped)
    return std::make_unique<damped_applier>();
  return std::make_unique<plain_applier>();
}

} // namespace adsp
