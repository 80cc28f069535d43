// How the scheduler ends a job: stop the workers, evaluate what is left, fetch it, answer.
#include "actors/scheduler/scheduler.hpp"

#include "actors/plan/defaults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace adsp {

void scheduler_state::end(end_reason why, std::string text) {
  if (std::exchange(ended, true))
    return;
  result.emplace();
  result->reason = why;
  result->text = std::move(text);
  result->duration = started ? now() : 0;
  result->time_to_target = rule->time_to_target().value_or(0);
  result->search_time = policy->status(result->duration).search_time;
  result->rollbacks = generation;
  tell_later();
  last_call = ask_everybody(stop_atom::value, defaults::final_timeout, [this] {
    counted = true;
    evaluate_final();
  });
}

// -- who is lost meanwhile ------------------------------------------------------------------------

void roll_call::answered(worker_id who) {
  if (asked.erase(who) > 0)
    go_on();
}

void roll_call::strike_off(worker_id who) {
  whom.erase(std::remove(whom.begin() + static_cast<std::ptrdiff_t>(next), whom.end(), who),
             whom.end());
  answered(who);
}

void scheduler_state::lost_at_end(const caf::down_msg& x) {
  if (concluded)
    return;
  if (const auto i = by_actor.find(x.source); i != by_actor.end()) {
    last_call->strike_off(i->second);
  } else if (x.source == setup->evaluator.address()) {
    // The evaluation that the end waits for will not come: ask, and be told that nobody is there.
    evaluating = false;
    if (std::exchange(final_due, false))
      evaluate_final();
  } else if (is_shard(x.source)) {
    give_up_shards(to_text(x.reason));
  }
}

void scheduler_state::lost_peer_at_end(const caf::node_id& peer) {
  if (concluded)
    return;
  if (has_shards(peer))
    give_up_shards("the node it was on is not heard of any more");
  for (worker_id id = 0; id < members.size(); ++id)
    if (members[id].handle.node() == peer)
      last_call->strike_off(id);
}

void scheduler_state::give_up_shards(const std::string& why) {
  if (std::exchange(shards_lost, true))
    return;
  if (result->reason != end_reason::failed)
    result->text = to_string(ec::shard_lost) + ": " + why;
  result->reason = end_reason::failed;
  final_due = false;
  if (counted)
    take_measured();
}

// -- the last counts and parameters ---------------------------------------------------------------

void scheduler_state::tell_later() {
  if (!setup->log)
    return;
  tell_at = self->clock().now() + defaults::quiet_wait;
  self->delayed_send(scheduler_actor{self}, defaults::quiet_wait, check_atom::value);
}

void scheduler_state::tell_awaited() {
  // A timer of the training may come before.
  if (self->clock().now() < tell_at)
    return;
  tell_at = caf::actor_clock::time_point::max();
  std::string what;
  if (const auto missing = last_call->missing(); missing > 0) {
    what = "the last counts of " + members[last_call->first_missing()].name;
    if (missing > 1)
      what += fmt::format(" and {} more", missing - 1);
  } else if (finals_missing > 0) {
    what = fmt::format("the parameters of {} shards", finals_missing);
  }
  if (!what.empty())
    setup->log(fmt::format("job={} waiting for {}, for {} s at most", setup->plan.name, what,
                           defaults::final_timeout.count()));
}

void scheduler_state::evaluate_final() {
  if (shards_lost) {
    take_measured();
    return;
  }
  if (diverged)
    for (const auto& shard : setup->shards)
      self->send(shard, restore{generation + 1});
  else if (result->reason == end_reason::interrupted || result->reason == end_reason::failed) {
    pull_final();
    return;
  }
  if (evaluating) {
    final_due = true;
    return;
  }
  self->request(setup->evaluator, defaults::evaluation_timeout, evaluate_atom::value)
      .then(
          [this](const evaluation& x) {
            if (shards_lost)
              return;
            record(x, counts_at(result->duration));
            pull_final();
          },
          [this](const caf::error& why) {
            if (shards_lost)
              return;
            if (result->reason != end_reason::failed)
              result->text = "the final evaluation has failed: " + to_text(why);
            result->reason = end_reason::failed;
            pull_shards();
          });
}

void scheduler_state::pull_final() {
  if (evaluations > 0 && sync::averages(setup->plan.sync))
    take_measured();
  else
    pull_shards();
}

void scheduler_state::pull_shards() {
  result->parameters.resize(setup->shards.size());
  finals_missing = setup->shards.size();
  tell_later();
  for (shard_id shard = 0; shard < setup->shards.size(); ++shard)
    self->request(setup->shards[shard], defaults::final_timeout, pull{shard})
        .then([this, shard](const fresh& x) { take_final(shard, x); },
              [this](const caf::error& why) { give_up_shards(to_text(why)); });
}

void scheduler_state::take_final(shard_id shard, const fresh& x) {
  if (shards_lost)
    return;
  result->parameters[shard] = x.values.plain();
  if (--finals_missing == 0)
    conclude();
}

void scheduler_state::take_measured() {
  result->parameters.clear();
  self->request(setup->evaluator, defaults::final_timeout, result_atom::value)
      .then([this](const parameter_block& x) { take_model(x); },
            [this](const caf::error&) { take_model({}); });
}

void scheduler_state::take_model(const parameter_block& measured) {
  if (concluded)
    return;
  if (measured.empty() && !shards_lost) {
    pull_shards();
    return;
  }
  if (!measured.empty())
    result->parameters = {measured};
  if (shards_lost && !measured.empty())
    result->text += "; the model is the one measured last";
  conclude();
}

void scheduler_state::conclude() {
  for (const auto& x : members) {
    const auto until = x.present ? result->duration : x.left_at;
    result->workers.push_back({x.name, x.progress, until - x.joined_at, !x.present});
  }
  result->last = last;
  result->total = total;
  result->evaluations = evaluations;
  concluded = true;
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
  // Where workers come as they like the next one has to be told that it is too late.
  if (!setup->open)
    self->quit();
}

caf::result<job_result> scheduler_state::answer_result() {
  if (concluded) {
    retire();
    return *result;
  }
  waiting.push_back(self->make_response_promise<job_result>());
  return waiting.back();
}

} // namespace adsp
