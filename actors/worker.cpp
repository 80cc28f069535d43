#include "actors/worker.hpp"

#include "actors/actor_time.hpp"
#include "actors/defaults.hpp"
#include "messages/fetch_ahead.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace adsp {

namespace {

/// Updates computed before they are sent together: a sleeping thread takes tens of microseconds to
/// wake, and with some shards to serve it does not fall asleep before the next ones come.
constexpr shard_id commit_burst = 4;

/// Before the first answer of an exchange.
constexpr auto no_answer = std::numeric_limits<std::uint32_t>::max();

/// Of a worker's behaviour: what finding the handler of a message touches.
constexpr std::size_t handlers_bytes = 384;

/// Updates in a row that are not finite before the worker gives up.
constexpr int max_void_updates = 3;

} // namespace

worker_state::worker_state(worker_actor::pointer selfptr)
    : self{selfptr}, clock{dynamic_cast<virtual_clock*>(&selfptr->system().clock())} {
  if (clock != nullptr)
    clock->fetch_before(self->id(), this);
}

worker_state::~worker_state() {
  if (clock != nullptr)
    clock->fetch_before(self->id(), nullptr);
}

void worker_state::start(std::shared_ptr<worker_setup> x) {
  setup.emplace(std::move(*x));
  origin = self->clock().now();
  self->monitor(setup->scheduler);
  const auto join_at = setup->machine.join_time();
  if (const auto leave_at = setup->machine.leave_time(); leave_at > 0)
    self->scheduled_send(worker_actor{self}, origin + to_duration(leave_at), leave_atom::value);
  if (join_at > 0)
    self->scheduled_send(worker_actor{self}, origin + to_duration(join_at), join_atom::value);
  else
    join_job();
}

void worker_state::fetch() const {
  if (!setup || !self->has_behavior())
    return;
  // The behaviour is set once: its place is looked up once, for the stack is elsewhere in memory too.
  if (handlers == nullptr)
    handlers = self->bhvr_stack().back().as_behavior_impl().get();
  fetch_ahead(handlers, handlers_bytes);
  fetch_ahead(setup->policy.get(), 128);
  setup->batches.fetch();
  if (model_copy)
    model_copy->fetch();
}

void worker_state::join_job() {
  if (model_copy)
    return;
  model_copy.emplace(setup->ranges);
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
  if ((generation < wanted_generation || update_void) && !exchanging_now) {
    recover();
    return;
  }
  auto what = setup->policy->next(now());
  if (what == sync::action::commit && setup->policy->trains_during_commit()) {
    begin_exchange(what);
    what = setup->policy->next(now());
  }
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

void worker_state::recover() {
  if (std::exchange(update_void, false) && ++updates_void > max_void_updates) {
    self->quit(make_error(ec::not_finite, setup->name));
    return;
  }
  enter(activity::communicating);
  recovering = true;
  begin_exchange(sync::action::pull);
}

void worker_state::begin_step() {
  enter(activity::computing);
  if (std::exchange(stale_base, false))
    model_copy->rebase();
  const auto began = self->clock().now();
  auto& scratch = *setup->scratch;
  scratch.gradient.resize(model_copy->parameters().size());
  learning::gather(*setup->data, setup->batches.next(), scratch.batch);
  scratch.batch.draw = setup->draws();
  learning::augment(setup->images, setup->data->input, setup->draws, scratch.batch);
  progress.loss_sum +=
      scratch.model->loss_and_gradient(model_copy->parameters(), scratch.batch, scratch.gradient);
  setup->optimizer.step(model_copy->parameters(), scratch.gradient);
  const auto duration = setup->machine.step_time(seconds_between(origin, began));
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

// -- exchanges ------------------------------------------------------------------------------------

void worker_state::begin_exchange(sync::action what) {
  ++exchange;
  exchanging = what;
  exchanging_now = true;
  exchange_began = now();
  oldest_answer = no_answer;
  if (what == sync::action::pull) {
    travel(leg::up, 0);
    return;
  }
  ++committed;
  if (overlapped()) {
    answers.resize(setup->shards.size());
    updates.resize(setup->shards.size());
    for (std::size_t shard = 0; shard < updates.size(); ++shard)
      updates[shard] = model_copy->update(shard);
    setup->policy->committing(exchange_began);
  }
  progress.bytes += model_copy->bytes();
  travel(leg::up, model_copy->bytes());
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
  const auto sent = exchanging == sync::action::commit ? model_copy->bytes() : 0;
  const auto received = brings_values() ? model_copy->bytes() : 0;
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
  if (exchanging == sync::action::pull) {
    for (shard_id shard = 0; shard < shards; ++shard)
      request_shard(shard, {}, 1);
    return;
  }
  if (overlapped()) {
    for (shard_id shard = 0; shard < shards; ++shard)
      request_shard(shard, updates[shard], 1);
    return;
  }
  std::array<parameter_block, commit_burst> burst;
  for (shard_id first = 0; first < shards; first += commit_burst) {
    const auto last = std::min(shards, first + commit_burst);
    for (auto shard = first; shard < last; ++shard)
      burst[shard - first] = model_copy->update(shard);
    for (auto shard = first; shard < last; ++shard)
      request_shard(shard, std::move(burst[shard - first]), 1);
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
                       std::move(update),
                       generation})
        .then(answered, failed);
}

bool worker_state::brings_values() const {
  return exchanging == sync::action::pull || setup->policy->pulls_with_commit();
}

bool worker_state::overlapped() const {
  return exchanging == sync::action::commit && setup->policy->trains_during_commit();
}

void worker_state::shard_answered(const fresh& x) {
  if (x.shard >= setup->shards.size() || (brings_values() && !take_values(x))) {
    self->quit(make_error(ec::wrong_size, "shard " + std::to_string(x.shard) + " sent " +
                                              std::to_string(x.values.size()) + " parameters"));
    return;
  }
  oldest_answer = std::min(oldest_answer, x.generation);
  progress.bytes += x.values.size() * sizeof(float);
  if (--unanswered == 0)
    next_leg();
}

bool worker_state::take_values(const fresh& x) {
  if (!overlapped())
    return model_copy->refresh(x.shard, x.values);
  answers[x.shard] = x.values;
  return x.values.size() == setup->ranges[x.shard].size;
}

void worker_state::merge_answers() {
  for (std::size_t shard = 0; shard < answers.size() && !update_void; ++shard)
    // What was learnt from parameters that the job has given up is not worth keeping.
    if (oldest_answer == generation)
      model_copy->merge(shard, std::move(answers[shard]), updates[shard]);
    else
      model_copy->refresh(shard, std::move(answers[shard]));
  updates.clear();
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
  // An update is the same again: the parameters it is made of stand still during an exchange, and an
  // overlapped one is kept. A repeated commit does no harm, because the shard knows its id.
  parameter_block update;
  if (overlapped())
    update = updates[shard];
  else if (exchanging == sync::action::commit)
    update = model_copy->update(shard);
  request_shard(shard, std::move(update), attempt + 1);
}

void worker_state::end_exchange() {
  const bool trained_meanwhile = overlapped();
  const bool committing = exchanging == sync::action::commit;
  const bool voided = committing && (update_void || oldest_answer > generation);
  exchanging_now = false;
  stale_base = !brings_values();
  if (trained_meanwhile)
    merge_answers();
  if (!committing || voided)
    generation = oldest_answer == no_answer ? generation : std::max(generation, oldest_answer);
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
  }
  if (!trained_meanwhile)
    decide();
}

void worker_state::start_afresh() {
  setup->optimizer.restart();
  setup->policy->voided(now());
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

void worker_state::leave() {
  if (exchange > 0) // it has joined
    self->send(setup->scheduler, current_report());
  self->quit();
}

report worker_state::current_report() {
  book();
  return {id, incarnation, progress};
}

void worker_state::instruct(const sync::instruction& x) {
  setup->policy->instruct(x, now());
  wanted_generation = std::max(wanted_generation, x.generation);
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
      [self](join_atom) { self->state.join_job(); },
      [self](leave_atom) { self->state.leave(); },
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
