#include "bench/wire/committer.hpp"

#include "actors/server/shard.hpp"
#include "actors/worker/exchange.hpp"
#include "messages/blocks/wire_codec.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

namespace wire {

namespace {

using clock_type = std::chrono::steady_clock;

struct keeper_state {
  std::map<std::uint64_t, std::vector<shard_actor>> shards; ///< by the model's parameters
};

keeper_actor::behavior_type keeper(keeper_actor::stateful_pointer<keeper_state> self) {
  return {[self](std::uint64_t parameters, shard_id number) {
    auto& shards = self->state.shards[parameters];
    for (std::uint64_t at = shards.size() * shard_size; at < parameters; at += shard_size) {
      const auto size = std::min<std::uint64_t>(shard_size, parameters - at);
      shards.push_back(self->spawn(shard,
                                   host{static_cast<shard_id>(shards.size()),
                                        copy_of(std::vector<float>(size, 1.0F)),
                                        {.eta = 1e-3}},
                                   std::shared_ptr<adsp::access>{}));
    }
    return shards.at(number);
  }};
}

encoded_block update_of(std::uint32_t size, wire_format format) {
  const std::vector<float> values(size, 1e-3F);
  if (format == wire_format::fp32)
    return encoded_block{copy_of(values)};
  const auto bytes = encoded_bytes({format}, size);
  auto memory = std::make_shared<parameter_buffer>(floats_for(bytes));
  encode_fp16(values, reinterpret_cast<std::uint16_t*>(memory->values().data()));
  return {format, size, bytes, parameter_block{std::move(memory)}};
}

/// Always the same update for each shard; keeps nothing of what comes.
class constant_copy final : public local_copy {
public:
  constant_copy(std::size_t shards, encoded_block update)
      : shards_{shards}, update_{std::move(update)} {}

  std::size_t shard_count() const override { return shards_; }
  std::optional<encoded_block> update(std::size_t, bool) override { return update_; }
  bool accepts(std::size_t, const encoded_block& values) const override {
    return values.size() == update_.size();
  }
  bool refresh(std::size_t shard, const encoded_block& values) override {
    return accepts(shard, values);
  }
  bool merge(std::size_t shard, const encoded_block& values) override {
    return accepts(shard, values);
  }
  void rebase() override {}
  void forget_residuals() override {}

private:
  std::size_t shards_;
  encoded_block update_;
};

struct pusher_state {
  std::vector<target> shards;
  std::optional<constant_copy> copy;
  std::optional<exchange> current; ///< of `copy`
  std::shared_ptr<std::vector<double>> seconds;
  int left = 0;
  clock_type::time_point began;
  caf::response_promise done;
};

using pusher = caf::stateful_actor<pusher_state>;

void push_all(pusher* self);

void answered(pusher* self, const ticket& asked, fresh answer) {
  auto& mine = self->state;
  answer.shard = asked.shard; // it may be of a model that is spread over several keepers
  const auto what = mine.current->answered(asked, answer);
  if (what == reaction::give_up)
    std::abort();
  if (what != reaction::complete)
    return;
  mine.current->finish();
  mine.seconds->push_back(std::chrono::duration<double>(clock_type::now() - mine.began).count());
  if (--mine.left > 0)
    push_all(self);
  else
    mine.done.deliver(step_atom::value);
}

void push_all(pusher* self) {
  auto& mine = self->state;
  mine.began = clock_type::now();
  if (!mine.current->begin_commit(commit_style::fetching, mine.current->number() + 1))
    std::abort();
  for (shard_id i = 0; i < mine.current->shard_count(); ++i) {
    auto request = mine.current->push_to(i);
    request.shard = mine.shards[i].id;
    self->request(mine.shards[i].shard, patience, std::move(request))
        .then([self, asked = mine.current->ask(i)](const fresh& x) { answered(self, asked, x); });
  }
}

caf::behavior pushing(pusher* self, worker_id number, std::vector<target> shards,
                      const encoded_block& update, std::shared_ptr<std::vector<double>> seconds) {
  auto& state = self->state;
  state.copy.emplace(shards.size(), update);
  state.current.emplace(*state.copy,
                        exchange_rules{.fp16_pull = update.format() == wire_format::fp16});
  state.current->join(number);
  state.shards = std::move(shards);
  state.seconds = std::move(seconds);
  return {[self](step_atom, int times) {
    self->state.left = times;
    self->state.done = self->make_response_promise();
    push_all(self);
    return self->state.done;
  }};
}

} // namespace

keeper_actor spawn_keeper(caf::actor_system& system) {
  return system.spawn(keeper);
}

std::vector<target> shards_of(caf::actor_system& system, const keeper_actor& keeper,
                              std::uint64_t parameters) {
  caf::scoped_actor self{system};
  std::vector<target> shards;
  for (shard_id number = 0; number * std::uint64_t{shard_size} < parameters; ++number)
    self->request(keeper, patience, parameters, number)
        .receive(
            [&](shard_actor& each) {
              shards.push_back({std::move(each), number});
            },
            [](const caf::error&) { std::abort(); });
  return shards;
}

committer::committer(caf::actor_system& system, worker_id number, std::vector<target> shards,
                     std::uint32_t size, wire_format format)
    : seconds_{std::make_shared<std::vector<double>>()}, self_{std::make_unique<caf::scoped_actor>(
                                                             system)} {
  pusher_ = system.spawn(pushing, number, std::move(shards), update_of(size, format), seconds_);
}

committer::~committer() {
  caf::anon_send_exit(pusher_, caf::exit_reason::user_shutdown);
}

void committer::begin(int times) {
  seconds_->clear();
  (*self_)->send(pusher_, step_atom::value, times);
}

std::vector<double> committer::finish() {
  (*self_)->receive([](step_atom) {});
  return *seconds_;
}

double median(std::vector<double> x) {
  return quantile(std::move(x), 0.5);
}

double quantile(std::vector<double> x, double part) {
  const auto at = static_cast<std::size_t>(part * static_cast<double>(x.size() - 1));
  std::ranges::nth_element(x, x.begin() + static_cast<std::ptrdiff_t>(at));
  return x[at];
}

} // namespace wire
