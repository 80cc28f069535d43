#include "actors/scheduler/scheduler.hpp"

#include "actors/clock/actor_time.hpp"
#include "actors/plan/defaults.hpp"
#include "actors/rights/peer.hpp"
#include "actors/rights/unexpected.hpp"
#include "sync/implicit_momentum.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace adsp {

scheduler_state::~scheduler_state() {
  // Nobody else ends the evaluator, and an actor system does not end before it.
  if (setup)
    caf::anon_send_exit(setup->evaluator, caf::exit_reason::user_shutdown);
}

void scheduler_state::init(std::shared_ptr<scheduler_setup> x) {
  setup = std::move(x);
  const auto& plan = setup->plan;
  policy = sync::make_scheduler_policy(plan.sync);
  rule.emplace(plan.evaluation);
  steps_left = sync::step_limit{plan.max_steps};
  expected = setup->start_with > 0 ? setup->start_with : plan.starting_count();
  to_come = plan.worker_count();
  for (const auto& shard : setup->shards)
    self->monitor(shard);
  self->monitor(setup->evaluator);
}

// -- timers -------------------------------------------------------------------------------------

void scheduler_state::arm() {
  if (!training())
    return;
  auto due = std::min({policy->next_tick(), next_sample, steps_left.next()});
  if (const auto limit = setup->plan.max_time; limit > 0)
    due = std::min(due, limit);
  if (due >= armed_for)
    return;
  armed_for = due;
  self->scheduled_send(scheduler_actor{self}, origin + to_duration(due), check_atom::value);
}

void scheduler_state::check() {
  if (ended) {
    tell_awaited();
    return;
  }
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
  if (time >= steps_left.next())
    count_steps();
  arm();
}

void scheduler_state::count_steps() {
  steps_left.asked();
  ask_everybody(report_atom::value, defaults::sample_timeout, [this] {
    if (!training())
      return;
    if (steps_left.reached(total.steps, present)) {
      end(end_reason::max_steps);
      return;
    }
    steps_left.counted(total.steps, present, now());
    arm();
  });
}

void scheduler_state::sample_workers() {
  if (std::exchange(sampling, true))
    return;
  ask_everybody(
      report_atom::value, defaults::sample_timeout,
      [this, time = now(), shown = policy->status(now()), asked = policy->commits_asked(now())] {
        sampling = false;
        write_samples(time, shown, asked - std::exchange(asked_at_sample, asked));
      });
}

void scheduler_state::write_samples(sync::seconds time, const sync::policy_status& shown,
                                    double asked) {
  sync::implicit_momentum momentum;
  for (auto& x : members) {
    if (!x.present)
      continue;
    const auto done = x.progress - std::exchange(x.sampled, x.progress);
    // A timer's rate may be below one commit a period; then the count of one period says little.
    const auto commits = shown.commit_rate > 0 ? asked : static_cast<double>(done.commits);
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

// -- what is shown --------------------------------------------------------------------------------

job_status scheduler_state::status() const {
  job_status x;
  x.seconds = ended ? result->duration : started ? now() : 0;
  const auto shown = policy->status(x.seconds);
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
  const auto shown = policy->status(when);
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
  refuse_unexpected(self, setup->rights);
  self->state.init(std::move(setup));
  return {
      [self](const join& x, const worker_actor& handle) { return self->state.admit(x, handle); },
      [self](const report& x) { return self->state.take_report(x); },
      [self](check_atom) { self->state.check(); },
      [self](evaluate_atom) { self->state.evaluate(); },
      [self](status_atom) { return self->state.status(); },
      [self](result_atom) { return self->state.answer_result(); },
      [self](gone_atom, const caf::node_id& peer) {
        if (is_ordered(self, self->state.setup->rights.get(),
                       "an unauthorised report of a lost peer"))
          self->state.lost_peer(peer);
      },
      [self](stop_atom) {
        if (is_ordered(self, self->state.setup->rights.get(), "an order to stop"))
          self->state.end(end_reason::interrupted);
      },
      [self](stop_atom, const std::string& why) {
        if (is_ordered(self, self->state.setup->rights.get(), "an order to stop"))
          self->state.end(end_reason::interrupted, why);
      },
  };
}

} // namespace adsp
