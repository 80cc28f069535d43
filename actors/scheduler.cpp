#include "actors/scheduler.hpp"

#include "actors/actor_time.hpp"
#include "actors/defaults.hpp"
#include "sync/implicit_momentum.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace adsp {

namespace {

/// Returns to an earlier state without any progress before the job is given up.
constexpr std::uint32_t max_rollbacks = 5;

} // namespace

void scheduler_state::init(std::shared_ptr<scheduler_setup> x) {
  setup = std::move(x);
  const auto& plan = setup->plan;
  policy = sync::make_scheduler_policy(plan.sync);
  rule.emplace(sync::stop_options{plan.evaluation.target_loss, plan.evaluation.target_accuracy,
                                  plan.evaluation.window});
  expected = plan.starting_count();
  to_come = plan.worker_count();
  for (const auto& shard : setup->shards)
    self->monitor(shard);
  self->monitor(setup->evaluator);
}

// -- membership ---------------------------------------------------------------------------------

caf::result<welcome> scheduler_state::admit(const join& x, const worker_actor& handle) {
  if (ended)
    return make_error(ec::job_ended, setup->plan.name);
  if (x.parameters != setup->parameters)
    return make_error(ec::wrong_size,
                      "worker " + x.name + " trains " + std::to_string(x.parameters) +
                          " parameters, the job has " + std::to_string(setup->parameters));
  if (!names.insert(x.name).second)
    return make_error(ec::name_taken, x.name);
  const auto id = static_cast<worker_id>(members.size());
  const auto time = started ? now() : 0;
  members.push_back({x.name, handle, {}, {}, time, 0, true});
  by_actor.emplace(handle.id(), id);
  ++present;
  to_come -= to_come > 0 ? 1 : 0;
  self->monitor(handle);
  policy->joined(id, time);
  const welcome answer{id, 0, instruction_of(id)};
  if (started) {
    announce_rate();
    send_released();
  } else {
    start_when_complete();
  }
  return answer;
}

void scheduler_state::start_when_complete() {
  if (started || ended || present < expected)
    return;
  started = true;
  origin = self->clock().now();
  announce_rate();
  policy->start(0);
  send_released();
  next_sample = setup->plan.sync.check_period;
  arm();
  self->send(scheduler_actor{self}, evaluate_atom::value);
}

void scheduler_state::announce_rate() {
  auto eta = setup->plan.ps.learning_rate;
  if (eta <= 0)
    eta = 1.0 / static_cast<double>(std::max<std::size_t>(1, present));
  eta *= eta_factor;
  ++rate_revision;
  for (const auto& shard : setup->shards)
    self->send(shard, server_rate{rate_revision, eta});
}

void scheduler_state::send_released() {
  released.clear();
  policy->take_released(released);
  for (auto id : released)
    if (id < members.size() && members[id].present)
      self->send(members[id].handle, instruction_of(id));
}

sync::instruction scheduler_state::instruction_of(worker_id who) const {
  auto x = policy->instruction_of(who);
  x.generation = generation;
  return x;
}

caf::result<sync::instruction> scheduler_state::take_report(const report& x) {
  if (x.worker >= members.size() || !members[x.worker].present)
    return make_error(ec::unknown_worker, std::to_string(x.worker));
  if (x.incarnation != 0)
    return make_error(ec::stale_incarnation, members[x.worker].name);
  note(x.worker, x.progress);
  if (training()) {
    policy->reported(x.worker, x.progress, now());
    send_released();
    arm();
    const auto limit = setup->plan.max_steps;
    if (limit > 0 && total.steps >= limit)
      end(end_reason::max_steps);
  }
  return instruction_of(x.worker);
}

void scheduler_state::note(worker_id who, const sync::progress& x) {
  auto& known = members[who].progress;
  if (x.steps < known.steps || x.commits < known.commits)
    return;
  total += x - known;
  known = x;
}

void scheduler_state::lost(const caf::down_msg& x) {
  if (ended) {
    // The evaluation that the end waits for will not come: ask, and be told that nobody is there.
    evaluating = evaluating && x.source != setup->evaluator.address();
    if (!evaluating && std::exchange(final_due, false))
      evaluate_final();
    return;
  }
  if (auto i = by_actor.find(x.source.id()); i != by_actor.end()) {
    const auto id = i->second;
    by_actor.erase(i);
    worker_gone(id, x.reason);
  } else if (x.source == setup->evaluator.address()) {
    end(end_reason::failed, "the evaluator has failed: " + to_text(x.reason));
  } else {
    end(end_reason::failed,
        to_string(ec::shard_lost) + " (" + to_text(x.reason) + "); the parameters are incomplete");
  }
}

void scheduler_state::worker_gone(worker_id who, const caf::error& why) {
  auto& worker = members[who];
  worker.present = false;
  worker.left_at = started ? now() : 0;
  names.erase(worker.name);
  --present;
  if (why == ec::not_finite) {
    diverged = true;
    end(end_reason::failed, "training diverged at worker " + worker.name +
                                ": its update is not finite; the model is the last good one; "
                                "lower optimizer.learning_rate");
    return;
  }
  if (!started)
    --expected;
  if (present == 0 && to_come == 0 && (started || expected == 0)) {
    end(end_reason::failed, to_string(ec::no_workers) + "; the last was " + worker.name +
                                (why == caf::none ? std::string{} : " (" + to_text(why) + ")"));
    return;
  }
  policy->left(who, started ? now() : 0);
  if (started) {
    announce_rate();
    send_released();
    arm();
  } else {
    start_when_complete();
  }
}

// -- timers -------------------------------------------------------------------------------------

void scheduler_state::arm() {
  if (!training())
    return;
  auto due = std::min(policy->next_tick(), next_sample);
  if (const auto limit = setup->plan.max_time; limit > 0)
    due = std::min(due, limit);
  if (due >= armed_for)
    return;
  armed_for = due;
  self->scheduled_send(scheduler_actor{self}, origin + to_duration(due), check_atom::value);
}

void scheduler_state::check() {
  // An earlier timer may have taken over; and the clock rounds to its tick, the plan does not.
  constexpr sync::seconds tick = 1e-8;
  if (!training() || now() + tick < armed_for)
    return;
  const auto time = std::max(now(), std::exchange(armed_for, sync::never));
  if (const auto limit = setup->plan.max_time; limit > 0 && time >= limit) {
    end(end_reason::max_time);
    return;
  }
  if (time >= policy->next_tick()) {
    policy->tick(time);
    send_released();
  }
  if (time >= next_sample) {
    next_sample += setup->plan.sync.check_period;
    sample_workers();
  }
  arm();
}

void scheduler_state::sample_workers() {
  if (std::exchange(sampling, true))
    return;
  ask_everybody(report_atom::value, defaults::sample_timeout,
                [this, time = now(), shown = policy->status()] {
                  sampling = false;
                  write_samples(time, shown);
                });
}

void scheduler_state::write_samples(sync::seconds time, const sync::policy_status& shown) {
  sync::implicit_momentum momentum;
  for (auto& x : members) {
    if (!x.present)
      continue;
    const auto done = x.progress - std::exchange(x.sampled, x.progress);
    // A timer's rate may be below one commit a period; then the count of one period says little.
    const auto commits =
        shown.commit_rate > 0 ? shown.commit_rate : static_cast<double>(done.commits);
    if (shown.asynchronous)
      momentum.add(static_cast<double>(done.steps), commits);
  }
  for (worker_id id = 0; id < members.size(); ++id)
    if (members[id].present)
      self->send(setup->recorder,
                 worker_record{time, id, members[id].name, members[id].progress,
                               shown.commit_target, shown.commit_rate, momentum.value()});
}

void scheduler_state::evaluate() {
  if (!training())
    return;
  self->delayed_send(scheduler_actor{self}, to_duration(setup->plan.evaluation.interval),
                     evaluate_atom::value);
  if (std::exchange(evaluating, true))
    return;
  self->request(setup->evaluator, defaults::evaluation_timeout, evaluate_atom::value)
      .then([this, at = counts_at(now())](const evaluation& x) { take_evaluation(x, at); },
            [this](const caf::error& why) {
              evaluating = false;
              end(end_reason::failed, "the evaluation has failed: " + to_text(why));
              if (std::exchange(final_due, false))
                evaluate_final();
            });
}

void scheduler_state::take_evaluation(const evaluation& x, const evaluation_record& at) {
  evaluating = false;
  if (ended) {
    if (std::exchange(final_due, false))
      evaluate_final();
    return;
  }
  record(x, at);
  if (!look_after(x))
    return;
  policy->evaluated(at.seconds, x.loss, now());
  send_released();
  arm();
  if (rule->evaluated(at.seconds, x.loss, x.accuracy))
    end(end_reason::target_reached);
}

bool scheduler_state::look_after(const evaluation& x) {
  const auto found = guard.evaluated(x.loss);
  switch (found) {
  case sync::health::good:
    in_a_row = 0;
    for (const auto& shard : setup->shards)
      self->send(shard, keep_atom::value);
    return true;
  case sync::health::doubtful:
    return true;
  case sync::health::diverged:
  case sync::health::lost:
    break;
  }
  const bool returns = sync::rolls_back(setup->plan.sync);
  if (returns && in_a_row < max_rollbacks) {
    roll_back();
    return false;
  }
  if (!returns && found == sync::health::diverged)
    return true; // it may come back by itself
  diverged = true;
  end(end_reason::failed, "training diverged: the loss is " +
                              (std::isfinite(x.loss) ? std::to_string(x.loss) : "not finite") +
                              "; the model is the last good one; lower optimizer.learning_rate");
  return false;
}

void scheduler_state::roll_back() {
  ++generation;
  ++in_a_row;
  eta_factor /= 2;
  guard.restored();
  for (const auto& shard : setup->shards)
    self->send(shard, restore{generation});
  announce_rate();
  for (worker_id id = 0; id < members.size(); ++id)
    if (members[id].present)
      self->send(members[id].handle, instruction_of(id));
}

// -- what is shown --------------------------------------------------------------------------------

job_status scheduler_state::status() const {
  const auto shown = policy->status();
  job_status x;
  x.seconds = ended ? result->duration : started ? now() : 0;
  x.last = last;
  x.evaluations = evaluations;
  x.total = total;
  x.workers = static_cast<std::uint32_t>(present);
  x.commit_rate = shown.commit_rate;
  x.searching = shown.searching;
  x.ended = ended;
  return x;
}

evaluation_record scheduler_state::counts_at(sync::seconds when) const {
  const auto shown = policy->status();
  return {
      when, 0, 0, total.steps, total.commits, total.bytes, shown.commit_rate, shown.local_steps};
}

void scheduler_state::record(const evaluation& x, const evaluation_record& at) {
  last = at;
  last.loss = x.loss;
  last.accuracy = x.accuracy;
  ++evaluations;
  self->send(setup->recorder, last);
}

sync::seconds scheduler_state::now() const {
  return seconds_between(origin, self->clock().now());
}

scheduler_actor::behavior_type scheduler(scheduler_actor::stateful_pointer<scheduler_state> self,
                                         std::shared_ptr<scheduler_setup> setup) {
  self->set_down_handler([self](const caf::down_msg& x) { self->state.lost(x); });
  self->state.init(std::move(setup));
  return {
      [self](const join& x, const worker_actor& handle) { return self->state.admit(x, handle); },
      [self](const report& x) { return self->state.take_report(x); },
      [self](check_atom) { self->state.check(); },
      [self](evaluate_atom) { self->state.evaluate(); },
      [self](status_atom) { return self->state.status(); },
      [self](result_atom) { return self->state.answer_result(); },
      [self](stop_atom) { self->state.end(end_reason::interrupted); },
  };
}

} // namespace adsp
