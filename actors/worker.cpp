#include "actors/worker.hpp"

#include "actors/actor_time.hpp"
#include "actors/defaults.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace adsp {

namespace {

/// Updates computed before they are sent together: a sleeping thread takes tens of microseconds to
/// wake, and with some shards to serve it does not fall asleep before the next ones come.
constexpr shard_id commit_burst = 4;

} // namespace

void worker_state::start(std::shared_ptr<worker_setup> x) {
  setup = std::move(x);
  origin = self->clock().now();
  model_copy = std::make_unique<replica>(setup->ranges);
  gradient.resize(setup->model->parameter_count());
  self->monitor(setup->scheduler);
  self->request(setup->scheduler, defaults::report_timeout,
                join{setup->name, model_copy->parameters().size()}, worker_actor{self})
      .then([this](const welcome& answer) { take_part(answer); },
            [this](caf::error& why) { self->quit(std::move(why)); });
}

void worker_state::take_part(const welcome& x) {
  id = x.worker;
  incarnation = x.incarnation;
  begin_exchange(sync::action::pull);
  instruct(x.instruction);
}

void worker_state::decide() {
  const auto what = setup->policy->next(now());
  switch (what) {
  case sync::action::step:
    begin_step();
    return;
  case sync::action::commit:
  case sync::action::pull:
    enter(activity::communicating);
    begin_exchange(what);
    return;
  case sync::action::wait:
    // Before the first permission the job has not started: nobody waits for anybody yet.
    enter(progress.steps == 0 ? activity::starting : activity::waiting);
    blocked = true;
    return;
  }
}

void worker_state::begin_step() {
  enter(activity::computing);
  if (std::exchange(stale_base, false))
    model_copy->rebase();
  const auto began = self->clock().now();
  learning::gather(*setup->data, setup->batches.next(), batch);
  progress.loss_sum += setup->model->loss_and_gradient(model_copy->parameters(), batch, gradient);
  setup->optimizer.step(model_copy->parameters(), gradient);
  const auto duration = setup->machine.step_time();
  if (duration > 0)
    self->scheduled_send(worker_actor{self}, began + to_duration(duration), step_atom::value);
  else
    self->send(worker_actor{self}, step_atom::value);
}

void worker_state::end_step() {
  if (doing != activity::computing)
    return;
  ++progress.steps;
  setup->policy->stepped(now());
  decide();
}

void worker_state::begin_exchange(sync::action what) {
  ++exchange;
  exchanging = what;
  exchange_began = now();
  requested = false;
  std::uint64_t sent = 0;
  if (what == sync::action::commit) {
    ++committed;
    sent = model_copy->bytes();
  }
  progress.bytes += sent;
  if (auto delay = setup->machine.transfer_time(sent); delay > 0)
    self->scheduled_send(worker_actor{self}, self->clock().now() + to_duration(delay),
                         arrive_atom::value, exchange);
  else
    send_requests();
}

void worker_state::send_requests() {
  requested = true;
  const auto shards = static_cast<shard_id>(setup->shards.size());
  unanswered = shards;
  if (exchanging == sync::action::pull) {
    for (shard_id shard = 0; shard < shards; ++shard)
      request_shard(shard, {}, 1);
    return;
  }
  std::array<parameter_block, commit_burst> updates;
  for (shard_id first = 0; first < shards; first += commit_burst) {
    const auto last = std::min(shards, first + commit_burst);
    for (auto shard = first; shard < last; ++shard)
      updates[shard - first] = model_copy->update(shard);
    for (auto shard = first; shard < last; ++shard)
      request_shard(shard, std::move(updates[shard - first]), 1);
  }
}

void worker_state::request_shard(shard_id shard, parameter_block update, int attempt) {
  auto answered = [this](const fresh& x) { shard_answered(x); };
  auto failed = [this, shard, attempt](const caf::error& why) {
    shard_failed(shard, attempt, why);
  };
  const auto& destination = setup->shards[shard];
  if (exchanging == sync::action::pull)
    self->request(destination, defaults::shard_timeout, pull{shard}).then(answered, failed);
  else
    self->request(destination, defaults::shard_timeout,
                  push{{id, incarnation, committed},
                       shard,
                       setup->policy->pulls_with_commit(),
                       std::move(update)})
        .then(answered, failed);
}

bool worker_state::brings_values() const {
  return exchanging == sync::action::pull || setup->policy->pulls_with_commit();
}

void worker_state::shard_answered(const fresh& x) {
  if (x.shard >= setup->shards.size() ||
      (brings_values() && !model_copy->refresh(x.shard, x.values))) {
    self->quit(make_error(ec::wrong_size, "shard " + std::to_string(x.shard) + " sent " +
                                              std::to_string(x.values.size()) + " parameters"));
    return;
  }
  progress.bytes += x.values.size() * sizeof(float);
  if (--unanswered == 0)
    all_answered();
}

void worker_state::shard_failed(shard_id shard, int attempt, const caf::error& why) {
  if (why != caf::sec::request_timeout || attempt >= defaults::shard_attempts) {
    self->quit(why);
    return;
  }
  // No training happens during an exchange, so the update is the same again; and a repeated commit
  // does no harm, because the shard knows its id.
  const bool pulling = exchanging == sync::action::pull;
  request_shard(shard, pulling ? parameter_block{} : model_copy->update(shard), attempt + 1);
}

void worker_state::all_answered() {
  const auto received = brings_values() ? model_copy->bytes() : 0;
  if (auto delay = setup->machine.transfer_time(received); delay > 0)
    self->scheduled_send(worker_actor{self}, self->clock().now() + to_duration(delay),
                         arrive_atom::value, exchange);
  else
    end_exchange();
}

void worker_state::arrive(std::uint64_t number) {
  if (number != exchange)
    return;
  if (requested)
    end_exchange();
  else
    send_requests();
}

void worker_state::end_exchange() {
  stale_base = !brings_values();
  if (exchanging == sync::action::commit) {
    ++progress.commits;
    setup->policy->committed(now(), now() - exchange_began);
    report_progress();
  } else {
    setup->policy->pulled(now());
  }
  decide();
}

void worker_state::report_progress() {
  self->request(setup->scheduler, defaults::report_timeout, current_report())
      .then([this](const sync::instruction& x) { instruct(x); },
            [this](caf::error& why) {
              if (why == caf::sec::request_timeout)
                report_progress();
              else
                self->quit(std::move(why));
            });
}

report worker_state::current_report() {
  book();
  return {id, incarnation, progress};
}

void worker_state::instruct(const sync::instruction& x) {
  setup->policy->instruct(x, now());
  // The first pull may still be under way when training starts: from then on it counts.
  if (doing == activity::starting && !blocked && x.permitted_commits > 0)
    enter(activity::communicating);
  if (std::exchange(blocked, false))
    decide();
}

sync::seconds worker_state::now() const {
  return seconds_between(origin, self->clock().now());
}

void worker_state::enter(activity next) {
  book();
  doing = next;
}

void worker_state::book() {
  const auto time = now();
  const auto spent = time - std::exchange(doing_since, time);
  if (doing == activity::computing)
    progress.compute += spent;
  else if (doing == activity::communicating)
    progress.communicate += spent;
  else if (doing == activity::waiting)
    progress.wait += spent;
}

worker_actor::behavior_type worker(worker_actor::stateful_pointer<worker_state> self,
                                   std::shared_ptr<worker_setup> setup) {
  self->set_down_handler([self](const caf::down_msg& x) { self->quit(x.reason); });
  self->state.start(std::move(setup));
  return {
      [self](const sync::instruction& x) { self->state.instruct(x); },
      [self](step_atom) { self->state.end_step(); },
      [self](arrive_atom, std::uint64_t exchange) { self->state.arrive(exchange); },
      [self](report_atom) { return self->state.current_report(); },
      [self](stop_atom) {
        self->quit();
        return self->state.current_report();
      },
  };
}

} // namespace adsp
