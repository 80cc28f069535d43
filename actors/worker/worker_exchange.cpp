// The worker's exchanges with the shards: pulls and commits, over the emulated links and back.
#include "actors/worker/worker.hpp"

#include "actors/clock/actor_time.hpp"
#include "actors/plan/defaults.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace adsp {

namespace {

/// Before the first answer of an exchange.
constexpr auto no_answer = std::numeric_limits<std::uint32_t>::max();

} // namespace

bool worker_state::make_updates() {
  updates.reserve(setup->shards.size());
  for (std::size_t shard = 0; shard < setup->shards.size(); ++shard) {
    auto update = model_copy->update(shard, setup->policy->trains_during_commit());
    if (!update) {
      updates.clear();
      return false;
    }
    updates.push_back(std::move(*update));
  }
  steps_sent = progress.steps;
  return true;
}

void worker_state::begin_exchange(sync::action what) {
  ++exchange;
  exchanging = what;
  exchanging_now = true;
  overlapped = what == sync::action::commit && setup->policy->trains_during_commit();
  exchange_began = now();
  oldest_answer = no_answer;
  if (what == sync::action::pull) {
    pull_round = setup->policy->round();
    travel(leg::up, 0);
    return;
  }
  ++committed;
  if (overlapped) {
    answers.resize(setup->shards.size());
    setup->policy->committing(exchange_began);
  }
  const auto sent = model_copy->commit_bytes();
  progress.bytes += sent;
  travel(leg::up, sent);
}

void worker_state::travel(leg next, std::uint64_t bytes) {
  where = next;
  switch (next) {
  case leg::up:
  case leg::down:
    after(setup->machine.transfer_time(bytes));
    return;
  case leg::into_server:
  case leg::out_of_server:
    if (setup->link && bytes > 0)
      pass_server_link(bytes);
    else
      next_leg();
    return;
  case leg::at_shards:
    send_requests();
    return;
  }
}

void worker_state::pass_server_link(std::uint64_t bytes) {
  self->request(setup->link, defaults::report_timeout, transfer{where == leg::into_server, bytes})
      .then([this](double delay) { after(delay); },
            [this](caf::error& why) { self->quit(std::move(why)); });
}

void worker_state::after(sync::seconds delay) {
  if (delay > 0)
    self->scheduled_send(worker_actor{self}, self->clock().now() + to_duration(delay),
                         arrive_atom::value, exchange);
  else
    next_leg();
}

void worker_state::arrive(std::uint64_t number) {
  if (number == exchange && exchanging_now)
    next_leg();
}

void worker_state::next_leg() {
  const auto sent = exchanging == sync::action::commit ? model_copy->commit_bytes() : 0;
  const auto received = brings_values() ? model_copy->pull_bytes(setup->wire.fp16_pull) : 0;
  switch (where) {
  case leg::up:
    travel(leg::into_server, sent);
    return;
  case leg::into_server:
    travel(leg::at_shards, 0);
    return;
  case leg::at_shards:
    travel(leg::out_of_server, received);
    return;
  case leg::out_of_server:
    travel(leg::down, received);
    return;
  case leg::down:
    end_exchange();
    return;
  }
}

void worker_state::send_requests() {
  const auto shards = static_cast<shard_id>(setup->shards.size());
  unanswered = shards;
  for (shard_id shard = 0; shard < shards; ++shard)
    request_shard(shard, 1);
}

void worker_state::request_shard(shard_id shard, int attempt) {
  auto answered = [this](const fresh& x) { shard_answered(x); };
  auto failed = [this, shard, attempt](const caf::error& why) {
    shard_failed(shard, attempt, why);
  };
  const auto& destination = setup->shards[shard];
  if (exchanging == sync::action::pull)
    self->request(destination, defaults::shard_timeout,
                  pull{shard, false, setup->wire.fp16_pull, pull_round})
        .then(answered, failed);
  else
    self->request(destination, defaults::shard_timeout,
                  push{{id, committed},
                       shard,
                       setup->policy->pulls_with_commit(),
                       updates[shard],
                       generation,
                       setup->wire.fp16_pull,
                       base_versions[shard]})
        .then(answered, failed);
}

bool worker_state::brings_values() const {
  return exchanging == sync::action::pull || setup->policy->pulls_with_commit();
}

void worker_state::shard_answered(const fresh& x) {
  if (x.shard >= setup->shards.size() || (brings_values() && !take_values(x))) {
    self->quit(make_error(ec::wrong_size, "shard " + std::to_string(x.shard) + " sent " +
                                              std::to_string(x.values.size()) + " parameters"));
    return;
  }
  if (brings_values())
    base_versions[x.shard] = x.version;
  oldest_answer = std::min(oldest_answer, x.generation);
  progress.bytes += x.values.byte_count();
  if (--unanswered == 0)
    next_leg();
}

bool worker_state::take_values(const fresh& x) {
  if (!overlapped)
    return model_copy->refresh(x.shard, x.values);
  answers[x.shard] = x.values;
  return x.values.size() == setup->ranges[x.shard].size && holds_parameters(x.values);
}

void worker_state::merge_answers() {
  for (std::size_t shard = 0; shard < answers.size() && !update_void; ++shard)
    // What was learnt from parameters that the job has given up is not worth keeping.
    if (oldest_answer == generation)
      model_copy->merge(shard, answers[shard]);
    else
      model_copy->refresh(shard, answers[shard]);
  answers.clear();
}

void worker_state::shard_failed(shard_id shard, int attempt, const caf::error& why) {
  if (why == ec::not_finite && setup->recovers) {
    update_void = true;
    if (--unanswered == 0)
      next_leg();
    return;
  }
  if (why != caf::sec::request_timeout || attempt >= defaults::shard_attempts) {
    self->quit(why);
    return;
  }
  // A repeated commit does no harm, because the shard knows its id.
  request_shard(shard, attempt + 1);
}

void worker_state::end_exchange() {
  const bool trained_meanwhile = overlapped;
  const bool committing = exchanging == sync::action::commit;
  const bool voided = committing && (update_void || oldest_answer > generation);
  exchanging_now = false;
  stale_base = !brings_values();
  if (trained_meanwhile)
    merge_answers();
  updates.clear();
  if ((!committing || voided) && oldest_answer != no_answer && oldest_answer > generation) {
    generation = oldest_answer;
    model_copy->forget_residuals();
  }
  if (committing) {
    if (!voided) {
      ++progress.commits;
      progress.exchange += now() - exchange_began;
      updates_void = 0;
    }
    if (voided)
      start_afresh();
    else
      setup->policy->committed(now(), now() - exchange_began);
    report_progress();
  } else if (std::exchange(recovering, false)) {
    start_afresh();
  } else {
    setup->policy->pulled(now());
    if (!std::exchange(ready, true))
      report_progress();
  }
  if (!trained_meanwhile || (going && doing != activity::computing))
    decide();
}

void worker_state::start_afresh() {
  model_copy->forget_residuals();
  setup->optimizer.restart();
  setup->policy->voided(now());
}

} // namespace adsp
