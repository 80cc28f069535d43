// The evaluations of a job: each is recorded, and decides whether the job goes on, returns to its
// last good state or ends.
#include "actors/clock/actor_time.hpp"
#include "actors/plan/defaults.hpp"
#include "actors/scheduler/scheduler.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace adsp {

void scheduler_state::evaluate() {
  if (!training())
    return;
  self->delayed_send(scheduler_actor{self}, to_duration(setup->plan.evaluation.interval),
                     evaluate_atom::value);
  if (!evaluations.begin())
    return;
  self->request(setup->evaluator, defaults::evaluation_timeout, evaluate_atom::value)
      .then([this, at = counts_at(now())](const evaluation& x) { take_evaluation(x, at); },
            [this](const caf::error& why) {
              evaluations.over();
              end({end_reason::failed, "the evaluation has failed: " + to_text(why)});
              finish.training_evaluation_failed();
              carry_on_end();
            });
}

void scheduler_state::take_evaluation(const evaluation& measured, const evaluation_record& at) {
  evaluations.over();
  if (finish.begun()) {
    finish.training_evaluated();
    carry_on_end();
    return;
  }
  record(measured, at);
  if (!look_after(measured))
    return;
  policy->evaluated(at.seconds, measured.loss, now());
  send_released();
  arm();
  if (evaluations.reaches_target(at.seconds, measured))
    end({end_reason::target_reached});
}

bool scheduler_state::look_after(const evaluation& measured) {
  switch (evaluations.judge(measured)) {
  case verdict::keep:
    for (const auto& shard : setup->shards)
      self->send(shard, keep_atom::value);
    return true;
  case verdict::go_on:
    return true;
  case verdict::go_back:
    roll_back();
    return false;
  case verdict::diverged:
    break;
  }
  end({end_reason::failed,
       "training diverged: the loss is " +
           (std::isfinite(measured.loss) ? fmt::format("{:.4g}", measured.loss) : "not finite") +
           "; the model is the last good one; lower optimizer.learning_rate",
       true});
  return false;
}

void scheduler_state::roll_back() {
  evaluations.returned();
  policy->restored(now());
  for (const auto& shard : setup->shards)
    self->send(shard, restore{evaluations.generation()});
  announce_rate();
  for (const auto who : members.ids_present())
    self->send(workers[who].handle, instruction_of(who));
}

void scheduler_state::record(const evaluation& x, const evaluation_record& at) {
  self->send(setup->recorder, evaluations.note(x, at));
}

evaluation_record scheduler_state::counts_at(sync::seconds when) const {
  const auto shown = policy->status(when);
  const auto& total = members.total();
  return {
      when, 0, 0, total.steps, total.commits, total.bytes, shown.commit_rate, shown.local_steps};
}

} // namespace adsp
