// How the scheduler ends a job: `ending` decides what to do, this does it.
#include "actors/plan/defaults.hpp"
#include "actors/scheduler/scheduler.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace adsp {

void scheduler_state::end(end_cause cause) {
  if (finish.begun())
    return;
  result.emplace();
  result->duration = time();
  result->time_to_target = evaluations.time_to_target();
  result->search_time = policy->status(result->duration).search_time;
  result->rollbacks = evaluations.generation();
  finish.begin(std::move(cause),
               {members.ids_present(), evaluations.under_way(), evaluations.count() > 0});
  // What the last round has got so far waits for an answer. Behind a barrier nothing does, and a
  // round without some of the workers is none.
  if (const auto rule = starting_rule(setup->plan);
      sync::moves_by_round(rule.kind) && !rule.barrier)
    close_round_at_shards(policy->rounds_closed() + 1);
  carry_on_end();
}

void scheduler_state::carry_on_end() {
  const auto tell_before = finish.tell_at();
  while (const auto next = finish.next(now()))
    carry_out(*next);
  if (setup->log && finish.tell_at() != tell_before && finish.tell_at() != sync::never)
    self->delayed_send(scheduler_actor{self}, defaults::quiet_wait, check_atom::value);
}

void scheduler_state::carry_out(end_action next) {
  switch (next.what) {
  case end_action::kind::ask_worker:
    ask_last_counts(next.whom);
    return;
  case end_action::kind::restore:
    for (const auto& shard : setup->shards)
      self->send(shard, restore{evaluations.generation() + 1});
    return;
  case end_action::kind::evaluate:
    evaluate_last();
    return;
  case end_action::kind::fetch_shard:
    fetch_shard(next.whom);
    return;
  case end_action::kind::fetch_measured:
    fetch_measured();
    return;
  case end_action::kind::conclude:
    conclude();
    return;
  }
}

void scheduler_state::ask_last_counts(worker_id who) {
  const auto answered = [this, who] {
    finish.worker_done(who);
    carry_on_end();
  };
  self->request(workers[who].handle, defaults::final_timeout, stop_atom::value)
      .then(
          [this, who, answered](const report& counts) {
            note(who, counts.progress);
            answered();
          },
          [answered](const caf::error&) { answered(); });
}

void scheduler_state::evaluate_last() {
  self->request(setup->evaluator, defaults::evaluation_timeout, evaluate_atom::value)
      .then(
          [this](const evaluation& measured) {
            if (finish.evaluated())
              record(measured, counts_at(result->duration));
            carry_on_end();
          },
          [this](const caf::error& why) {
            finish.evaluation_failed(to_text(why));
            carry_on_end();
          });
}

void scheduler_state::fetch_shard(shard_id shard) {
  self->request(setup->shards[shard], defaults::final_timeout, pull{shard})
      .then(
          [this, shard](const fresh& answer) {
            finish.shard_answered(shard, answer.values.plain());
            carry_on_end();
          },
          [this](const caf::error& why) { shard_lost(to_text(why)); });
}

void scheduler_state::fetch_measured() {
  const auto take = [this](const parameter_block& measured) {
    finish.measured_answered(measured);
    carry_on_end();
  };
  self->request(setup->evaluator, defaults::final_timeout, result_atom::value)
      .then(take, [take](const caf::error&) { take({}); });
}

void scheduler_state::tell_awaited() {
  const auto awaited = finish.awaited(now());
  if (!awaited)
    return;
  const auto what = awaited->workers == 0
                        ? fmt::format("the parameters of {} shard{}", awaited->shards,
                                      awaited->shards == 1 ? "" : "s")
                    : awaited->workers == 1
                        ? fmt::format("the last counts of {}", members[awaited->first_worker].name)
                        : fmt::format("the last counts of {} and {} more",
                                      members[awaited->first_worker].name, awaited->workers - 1);
  setup->log(fmt::format("job={} waiting for {}, for {} s at most", setup->plan.name, what,
                         defaults::final_timeout.count()));
}

void scheduler_state::conclude() {
  result->reason = finish.reason();
  result->text = finish.text();
  result->parameters = finish.parameters();
  for (const auto& x : members.all()) {
    const auto until = x.present ? result->duration : x.left_at;
    result->workers.push_back({x.name, x.done, until - x.joined_at, !x.present});
  }
  result->last = evaluations.last();
  result->total = members.total();
  result->evaluations = evaluations.count();
  for (const auto& shard : setup->shards)
    self->send_exit(shard, caf::exit_reason::user_shutdown);
  self->send_exit(setup->evaluator, caf::exit_reason::user_shutdown);
  if (setup->link)
    self->send_exit(setup->link, caf::exit_reason::user_shutdown);
  for (auto& promise : waiting)
    promise.deliver(*result);
  if (!waiting.empty())
    retire();
}

void scheduler_state::retire() {
  // In an open job later workers must still be told that the job has ended.
  if (!setup->open)
    self->quit();
}

caf::result<job_result> scheduler_state::answer_result() {
  if (finish.concluded()) {
    retire();
    return *result;
  }
  waiting.push_back(self->make_response_promise<job_result>());
  return waiting.back();
}

} // namespace adsp
