// The workers of a job: how they join, report and leave, and what each is told.
#include "actors/clock/actor_time.hpp"
#include "actors/plan/defaults.hpp"
#include "actors/rights/peer.hpp"
#include "actors/scheduler/scheduler.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

namespace adsp {

namespace {

/// A worker that is welcomed once all nodes with shards have answered.
struct pending_welcome {
  welcome answer;
  std::size_t waiting = 0; ///< nodes that have not answered
  bool failed = false;     ///< a node has refused, or has not answered in time
  caf::typed_response_promise<welcome> promise;
};

constexpr auto implausible = "implausible counts";

} // namespace

caf::result<welcome> scheduler_state::welcome_worker(const join& request,
                                                     const worker_actor& handle) {
  if (finish.begun())
    return make_error(ec::job_ended, setup->plan.name);
  // The message must come from the worker's own process: otherwise another process could take its
  // place.
  if (!handle || (setup->rights && !(is_sender_s(self, handle) &&
                                     setup->rights->may_join(request.name, peer_of(self)))))
    return make_error(ec::not_permitted, "the worker does not belong to that node");
  if (request.parameters != setup->parameters)
    return refuse(make_error(
        ec::wrong_size, "worker " + request.name + " trains " + std::to_string(request.parameters) +
                            " parameters, the job has " + std::to_string(setup->parameters)));
  if (members.has(request.name))
    return refuse(make_error(ec::name_taken, request.name));
  const auto id = members.join(request.name, time());
  workers.add(handle, self->clock().now());
  start.joined();
  self->monitor(handle);
  policy->joined(id, time());
  const welcome answer{id, instruction_of(id)};
  if (start.started()) {
    announce_rate();
    send_released();
  }
  return welcome_when_permitted(answer);
}

caf::result<welcome> scheduler_state::welcome_when_permitted(const welcome& answer) {
  if (setup->ps_nodes.empty())
    return answer;
  auto pending = std::make_shared<pending_welcome>();
  pending->answer = answer;
  pending->waiting = setup->ps_nodes.size();
  pending->promise = self->make_response_promise<welcome>();
  const auto worker = pending->answer.worker;
  const auto& process = workers[worker].handle.node();
  for (const auto& node : setup->ps_nodes)
    self->request(node, defaults::report_timeout, permit_atom::value, worker, process,
                  setup->rights->certificate_of(process))
        .then(
            [pending] {
              if (--pending->waiting == 0)
                pending->promise.deliver(pending->answer);
            },
            [this, pending, worker](const caf::error& why) {
              if (std::exchange(pending->failed, true))
                return;
              const auto text = "a node with shards has not permitted the commits of worker " +
                                members[worker].name + ": " + to_text(why);
              if (setup->log)
                setup->log("worker=" + members[worker].name + " not welcomed: " + text);
              pending->promise.deliver(make_error(ec::not_reached, text));
            });
  return pending->promise;
}

bool scheduler_state::speaks_for(worker_id who, const caf::strong_actor_ptr& sender) const {
  return !setup->rights || (sender && workers.lives_in(who, sender->node()));
}

caf::error scheduler_state::refuse(caf::error why) {
  start.refused();
  if (start.deserted(members.present_count()))
    end({end_reason::failed,
         to_string(ec::no_workers) + "; the last was refused: " + to_text(why)});
  else if (!setup->open)
    start_when_ready();
  return why;
}

void scheduler_state::start_when_ready() {
  if (finish.begun() || !start.may_start(members.ready_count()))
    return;
  start.start();
  origin = self->clock().now();
  announce_rate();
  policy->start(0);
  times.start();
  send_released();
  arm();
  self->send(scheduler_actor{self}, evaluate_atom::value);
}

void scheduler_state::announce_rate() {
  const auto present = members.present_count();
  const auto eta = eta_for(setup->plan, present) * evaluations.rate_factor();
  ++rate_revision;
  for (const auto& shard : setup->shards)
    self->send(shard, server_rate{rate_revision, eta, static_cast<std::uint32_t>(present)});
}

void scheduler_state::send_released() {
  released.clear();
  policy->take_released(released);
  for (auto id : released)
    if (members.present(id))
      self->send(workers[id].handle, instruction_of(id));
}

void scheduler_state::tick_policy(sync::seconds due) {
  const auto closed = policy->rounds_closed();
  policy->tick(due);
  if (const auto round = policy->rounds_closed(); round != closed)
    close_round_at_shards(round);
  send_released();
}

void scheduler_state::close_round_at_shards(std::uint64_t round) {
  for (const auto& shard : setup->shards)
    self->send(shard, close_round{round});
}

sync::instruction scheduler_state::instruction_of(worker_id who) const {
  auto x = policy->instruction_of(who);
  x.generation = evaluations.generation();
  return x;
}

caf::result<sync::instruction> scheduler_state::take_report(const report& counts) {
  if (!members.present(counts.worker))
    return make_error(ec::unknown_worker, std::to_string(counts.worker));
  if (!speaks_for(counts.worker, self->current_sender()))
    return make_error(ec::not_permitted, members[counts.worker].name);
  if (!note(counts.worker, counts.progress))
    return make_error(ec::not_permitted, implausible);
  if (members.make_ready(counts.worker))
    start_when_ready();
  // Checked before the policy lets anybody go on, so that no worker begins another round.
  if (training() && times.steps.reached_by_commits(members.total().steps))
    end({end_reason::max_steps});
  if (training()) {
    policy->reported(counts.worker, counts.progress, now());
    send_released();
    arm();
  }
  return instruction_of(counts.worker);
}

bool scheduler_state::plausible(worker_id who, const sync::progress& counts) const {
  // Workers of this process have no limit, because in virtual time a step takes no real time. The
  // loss may be anything: diverging training is honest.
  if (!setup->rights || workers.lives_in(who, self->node()))
    return true;
  for (const auto seconds : {counts.compute, counts.communicate, counts.wait, counts.exchange})
    if (!std::isfinite(seconds) || seconds < 0)
      return false;
  const auto age = seconds_between(workers[who].since, self->clock().now());
  const auto most = defaults::first_steps + defaults::most_steps_a_second * age;
  return static_cast<double>(counts.steps) <= most && static_cast<double>(counts.commits) <= most &&
         static_cast<double>(counts.bytes) <= defaults::most_bytes_a_second * (1 + age);
}

bool scheduler_state::note(worker_id who, const sync::progress& counts) {
  if (!plausible(who, counts)) {
    setup->rights->strike(workers[who].handle.node(), implausible);
    return false;
  }
  members.report(who, counts);
  return true;
}

// -- who leaves or is lost ------------------------------------------------------------------------

void scheduler_state::actor_ended(const caf::down_msg& down) {
  const auto is_it = [&](const auto& shard) { return shard.address() == down.source; };
  if (const auto who = workers.id_of(down.source))
    worker_left(*who, down.reason);
  else if (down.source == setup->evaluator.address())
    evaluator_lost(down.reason);
  else if (std::ranges::any_of(setup->shards, is_it))
    shard_lost(to_text(down.reason));
}

void scheduler_state::peer_lost(const caf::node_id& peer) {
  const auto is_there = [&](const auto& shard) { return shard.node() == peer; };
  if (std::ranges::any_of(setup->shards, is_there))
    shard_lost("its node is no longer heard from");
  for (const auto who : members.ids_present())
    if (workers.lives_in(who, peer))
      worker_left(who, make_error(ec::not_reached, members[who].name));
}

void scheduler_state::shard_lost(const std::string& why) {
  const auto text = to_string(ec::shard_lost) + " (" + why + "); the parameters are incomplete";
  finish.shard_lost(text);
  end({end_reason::failed, text});
  carry_on_end();
}

void scheduler_state::evaluator_lost(const caf::error& why) {
  evaluations.over();
  finish.evaluator_lost(to_text(why));
  end({end_reason::failed, "the evaluator has failed: " + to_text(why)});
  carry_on_end();
}

void scheduler_state::worker_left(worker_id who, const caf::error& why) {
  if (finish.begun()) { // it was present when the job ended, and counts as such
    finish.worker_done(who);
    carry_on_end();
    return;
  }
  workers.forget(who);
  members.leave(who, time());
  start.left();
  const auto& worker = members[who].name;
  if (why == ec::not_finite) {
    end({end_reason::failed,
         "training diverged at worker " + worker +
             ": its update is not finite; the model is the last good one; "
             "lower optimizer.learning_rate",
         true});
    return;
  }
  if (start.deserted(members.present_count())) {
    end({end_reason::failed, to_string(ec::no_workers) + "; the last was " + worker +
                                 (why == caf::none ? std::string{} : " (" + to_text(why) + ")")});
    return;
  }
  policy->left(who, time());
  if (start.started()) {
    announce_rate();
    send_released();
    arm();
  } else {
    start_when_ready();
  }
}

} // namespace adsp
