#include "bench/plain_loop.hpp"

#include "actors/emulation/device.hpp"
#include "actors/server/parameter_store.hpp"
#include "actors/worker/replica.hpp"
#include "learning/models/model.hpp"
#include "learning/training/optimizer.hpp"
#include "learning/training/partition.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

namespace adsp {

namespace {

/// Seconds between two commits of a worker.
constexpr double commit_period = 60;

struct party {
  learning::batch_stream batches;
  learning::optimizer optimizer;
  device machine;
  learning::generator draws;
  replica copy;
  double next_commit = commit_period;
  std::uint64_t commits = 0;
  std::uint64_t base = 0;        ///< version that the copy started from
  encoded_block update = {};     ///< on its way to the shard
  encoded_block answer = {};     ///< on its way back
  std::uint64_t answer_base = 0; ///< its version
};

enum class event_kind : std::uint8_t { step_over, at_shard, answered };

struct event {
  double due; ///< seconds
  std::uint64_t order;
  std::uint32_t who;
  event_kind kind;
  bool operator>(const event& other) const {
    return due > other.due || (due == other.due && order > other.order);
  }
};

class plain_loop {
public:
  plain_loop(const job& plan, const learning::dataset& data)
      : data_{data}, model_{learning::make_model(plan.model, learning::input_of(data),
                                                 data.classes)},
        gradient_(model_->parameter_count()), shard_{0, initial_of(plan), starting_rule(plan)} {
    shard_.set_rate({1, eta_for(plan, plan.worker_count()), plan.worker_count()});
    const auto size = static_cast<std::uint32_t>(gradient_.size());
    auto shares = plan_data(plan, data);
    for (auto& worker : plan_workers(plan)) {
      const auto i = worker.seed_index;
      parties_.push_back({learning::batch_stream{std::move(shares[i]), plan.optimizer.batch_size,
                                                 learning::generator{plan.seed, "batches", i}},
                          learning::optimizer{plan.optimizer, size},
                          device{worker.device, learning::generator{plan.seed, "device", i}},
                          learning::generator{plan.seed, "draws", i},
                          replica{std::vector{shard_range{0, size}}}});
      parties_.back().copy.refresh(0, shard_.snapshot());
    }
  }

  std::uint64_t run(double seconds) {
    for (std::uint32_t who = 0; who < parties_.size(); ++who)
      step(who, 0);
    while (!events_.empty() && events_.top().due <= seconds) {
      const auto next = events_.top();
      events_.pop();
      happen(next);
    }
    return steps_;
  }

private:
  std::vector<float> initial_of(const job& plan) const {
    std::vector<float> initial(model_->parameter_count());
    model_->initialise(initial, learning::generator{plan.seed, "initialise"});
    return initial;
  }

  void add(double due, std::uint32_t who, event_kind kind) {
    events_.push({due, order_++, who, kind});
  }

  void step(std::uint32_t who, double now) {
    auto& x = parties_[who];
    learning::draw_samples(data_, x.batches.next(), x.draws, batch_);
    batch_.draw = x.draws();
    loss_ += model_->loss_and_gradient(x.copy.parameters(), batch_, gradient_);
    x.optimizer.step(x.copy.parameters(), gradient_);
    add(now + x.machine.step_time(now), who, event_kind::step_over);
  }

  void happen(const event& next) {
    auto& x = parties_[next.who];
    switch (next.kind) {
    case event_kind::step_over:
      ++steps_;
      if (next.due >= x.next_commit) {
        x.next_commit += commit_period;
        x.update = *x.copy.update(0);
        add(next.due + x.machine.transfer_time(x.update.byte_count()), next.who,
            event_kind::at_shard);
        return;
      }
      break;
    case event_kind::at_shard: {
      push commit{{next.who, ++x.commits}, 0, true, std::move(x.update)};
      commit.base = x.base;
      if (shard_.apply(commit))
        return;
      x.answer = shard_.snapshot();
      x.answer_base = shard_.version();
      add(next.due + x.machine.transfer_time(x.answer.byte_count()), next.who,
          event_kind::answered);
      return;
    }
    case event_kind::answered:
      x.copy.refresh(0, std::exchange(x.answer, {}));
      x.base = x.answer_base;
      break;
    }
    step(next.who, next.due);
  }

  const learning::dataset& data_;
  std::unique_ptr<learning::model> model_;
  std::vector<float> gradient_;
  learning::minibatch batch_;
  parameter_store shard_;
  std::vector<party> parties_;
  std::priority_queue<event, std::vector<event>, std::greater<>> events_;
  std::uint64_t order_ = 0;
  std::uint64_t steps_ = 0;
  double loss_ = 0; ///< so that it is computed
};

} // namespace

std::uint64_t run_plain_loop(const job& plan, const learning::dataset& data, double seconds) {
  return plain_loop{plan, data}.run(seconds);
}

} // namespace adsp
