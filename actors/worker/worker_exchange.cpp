// The worker's exchanges with the shards: sends the requests of `exchange`, follows its reactions,
// and passes the bytes over the emulated links, if any.
#include "actors/worker/worker.hpp"

#include "actors/clock/actor_time.hpp"
#include "actors/plan/defaults.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace adsp {

namespace {

failure kind_of(const caf::error& why) {
  if (why == ec::not_finite)
    return failure::not_finite;
  return why == caf::sec::request_timeout ? failure::timed_out : failure::other;
}

/// Why an answer was not accepted.
caf::error why_refused(const fresh& answer, shard_id asked) {
  if (answer.shard != asked)
    return make_error(ec::wrong_shard, "shard " + std::to_string(asked) + " answered as shard " +
                                           std::to_string(answer.shard));
  return make_error(ec::wrong_size, "shard " + std::to_string(asked) + " sent " +
                                        std::to_string(answer.values.size()) + " parameters");
}

} // namespace

// -- beginning ------------------------------------------------------------------------------------

void worker_state::begin_pull() {
  current->begin_pull(setup->policy->round());
  go_to_shards(0);
}

void worker_state::begin_recovery() {
  if (!current->begin_recovery(setup->policy->round())) {
    self->quit(make_error(ec::not_finite, setup->name));
    return;
  }
  enter(activity::communicating);
  go_to_shards(0);
}

void worker_state::begin_commit() {
  if (!make_commit()) {
    void_update();
    return;
  }
  if (!current->overlaps()) {
    enter(activity::communicating);
    send_commit();
    return;
  }
  send_commit();
  decide(); // training goes on meanwhile
}

bool worker_state::make_commit() {
  auto style = commit_style::bare;
  if (leaving) // then no block is of use
    return current->begin_commit(style, progress.steps);
  if (setup->policy->trains_during_commit())
    style = commit_style::overlapped;
  else if (setup->policy->pulls_with_commit())
    style = commit_style::fetching;
  return current->begin_commit(style, progress.steps);
}

void worker_state::hurry_commit() {
  current->forgo_blocks();
  for (shard_id shard = 0; shard < current->shard_count(); ++shard)
    if (current->awaits_answer(shard))
      ask(shard);
}

void worker_state::send_commit() {
  exchange_began = now();
  if (current->overlaps())
    setup->policy->committing(exchange_began);
  go_to_shards(model_copy->commit_bytes());
}

void worker_state::void_update() {
  if (!setup->recovers) {
    self->quit(make_error(ec::not_finite, setup->name));
    return;
  }
  report_progress();
  begin_recovery();
}

// -- links ----------------------------------------------------------------------------------------

void worker_state::go_to_shards(std::uint64_t bytes) {
  if (links)
    travel(links->to_shards(bytes));
  else
    ask_every_shard();
}

void worker_state::come_from_shards() {
  if (links)
    travel(
        links->to_worker(current->fetches() ? model_copy->pull_bytes(setup->wire.fp16_pull) : 0));
  else
    end_exchange();
}

void worker_state::travel(hop next) {
  switch (next) {
  case hop::device_link:
    travel_after(setup->machine.transfer_time(links->bytes()));
    return;
  case hop::server_link:
    pass_server_link();
    return;
  case hop::shards:
    ask_every_shard();
    return;
  case hop::worker:
    end_exchange();
    return;
  }
}

void worker_state::pass_server_link() {
  self->request(setup->link, defaults::report_timeout, transfer{links->to_server(), links->bytes()})
      .then([this](double delay) { travel_after(delay); },
            [this](caf::error& why) { self->quit(std::move(why)); });
}

void worker_state::travel_after(sync::seconds delay) {
  if (delay > 0)
    self->scheduled_send(worker_actor{self}, self->clock().now() + to_duration(delay),
                         arrive_atom::value, current->number());
  else
    travel(links->passed());
}

void worker_state::arrive(std::uint64_t number) {
  if (links && current && current->under_way() && number == current->number())
    travel(links->passed());
}

// -- requests -------------------------------------------------------------------------------------

void worker_state::ask_every_shard() {
  for (shard_id shard = 0; shard < current->shard_count(); ++shard)
    ask(shard);
}

void worker_state::ask(shard_id shard) {
  const auto asked = current->ask(shard);
  auto answered = [this, asked](const fresh& answer) { shard_answered(asked, answer); };
  auto failed = [this, asked](const caf::error& why) { shard_failed(asked, why); };
  const auto& destination = setup->shards[shard];
  if (current->commits())
    self->request(destination, defaults::shard_timeout + to_duration(setup->policy->held_at_most()),
                  current->push_to(shard))
        .then(answered, failed);
  else
    self->request(destination, defaults::shard_timeout, current->pull_from(shard))
        .then(answered, failed);
}

void worker_state::shard_answered(const ticket& asked, const fresh& answer) {
  const auto what = current->answered(asked, answer);
  if (what == reaction::complete)
    come_from_shards();
  else if (what == reaction::give_up)
    self->quit(why_refused(answer, asked.shard));
}

void worker_state::shard_failed(const ticket& asked, const caf::error& why) {
  switch (current->failed(asked, kind_of(why))) {
  case reaction::wait:
    return;
  case reaction::ask_again:
    ask(asked.shard);
    return;
  case reaction::complete:
    come_from_shards();
    return;
  case reaction::give_up:
    self->quit(why);
    return;
  }
}

// -- the end --------------------------------------------------------------------------------------

void worker_state::end_exchange() {
  const bool trained_meanwhile = current->overlaps();
  switch (current->finish()) {
  case outcome::first_pull:
    setup->policy->pulled(now());
    report_progress();
    break;
  case outcome::pulled:
    setup->policy->pulled(now());
    break;
  case outcome::recovered:
    start_afresh();
    break;
  case outcome::committed:
    commit_ended(true);
    break;
  case outcome::voided:
    commit_ended(false);
    break;
  }
  if (doing != activity::computing && (leaving || !trained_meanwhile))
    decide();
}

void worker_state::commit_ended(bool counts) {
  if (counts) {
    // Held by another clock: not below zero.
    const auto took = std::max(0.0, now() - exchange_began - current->held());
    ++progress.commits;
    progress.exchange += took;
    setup->policy->committed(now(), took);
  } else {
    start_afresh();
  }
  report_progress();
}

void worker_state::start_afresh() {
  setup->optimizer.restart();
  setup->policy->voided(now());
}

} // namespace adsp
