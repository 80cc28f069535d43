// Who takes part in a job: workers that join, report and leave, and what each is told.
#include "actors/clock/actor_time.hpp"
#include "actors/plan/defaults.hpp"
#include "actors/rights/peer.hpp"
#include "actors/scheduler/scheduler.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace adsp {

caf::result<welcome> scheduler_state::admit(const join& x, const worker_actor& handle) {
  if (ended)
    return make_error(ec::job_ended, setup->plan.name);
  // Who asks must be where the worker is: else its place would be another process's.
  if (!handle || (setup->rights &&
                  !(is_sender_s(self, handle) && setup->rights->may_join(x.name, peer_of(self)))))
    return make_error(ec::not_permitted, "a worker that is not of that node");
  if (x.parameters != setup->parameters)
    return refuse(make_error(ec::wrong_size,
                             "worker " + x.name + " trains " + std::to_string(x.parameters) +
                                 " parameters, the job has " + std::to_string(setup->parameters)));
  if (!names.insert(x.name).second)
    return refuse(make_error(ec::name_taken, x.name));
  const auto id = static_cast<worker_id>(members.size());
  const auto time = started ? now() : 0;
  members.push_back({x.name, handle, {}, {}, time, 0, true, false, self->clock().now()});
  by_actor.emplace(handle.address(), id);
  ++present;
  to_come -= to_come > 0 ? 1 : 0;
  self->monitor(handle);
  policy->joined(id, time);
  const welcome answer{id, instruction_of(id)};
  if (started) {
    announce_rate();
    send_released();
  }
  return welcome_when_permitted(answer, handle);
}

caf::result<welcome> scheduler_state::welcome_when_permitted(welcome answer,
                                                             const worker_actor& handle) {
  if (setup->gates.empty())
    return answer;
  auto pending = std::make_shared<pending_welcome>();
  pending->answer = std::move(answer);
  pending->waiting = setup->gates.size();
  pending->promise = self->make_response_promise<welcome>();
  for (const auto& gate : setup->gates)
    self->request(gate, defaults::report_timeout, permit_atom::value, pending->answer.worker,
                  handle.node(), setup->rights->certificate_of(handle.node()))
        .then(
            [pending] {
              if (--pending->waiting == 0)
                pending->promise.deliver(pending->answer);
            },
            [pending](caf::error& why) { pending->promise.deliver(std::move(why)); });
  return pending->promise;
}

bool scheduler_state::speaks_for(worker_id who, const caf::strong_actor_ptr& sender) const {
  return !setup->rights || (sender && sender->node() == members[who].handle.node());
}

caf::error scheduler_state::refuse(caf::error why) {
  if (setup->open)
    return why;
  to_come -= to_come > 0 ? 1 : 0;
  if (started)
    return why;
  expected -= expected > 0 ? 1 : 0;
  if (present == 0 && to_come == 0)
    end(end_reason::failed, to_string(ec::no_workers) + "; the last was refused: " + to_text(why));
  else
    start_when_ready();
  return why;
}

void scheduler_state::start_when_ready() {
  if (started || ended)
    return;
  if (ready < expected)
    return;
  started = true;
  origin = self->clock().now();
  announce_rate();
  policy->start(0);
  steps_left.start();
  send_released();
  next_sample = setup->plan.sync.check_period;
  arm();
  self->send(scheduler_actor{self}, evaluate_atom::value);
}

void scheduler_state::announce_rate() {
  const auto eta = eta_for(setup->plan, present) * guard.rate_factor();
  ++rate_revision;
  for (const auto& shard : setup->shards)
    self->send(shard, server_rate{rate_revision, eta, static_cast<std::uint32_t>(present)});
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
  if (!speaks_for(x.worker, self->current_sender()))
    return make_error(ec::not_permitted, members[x.worker].name);
  if (!note(x.worker, x.progress))
    return make_error(ec::not_permitted, "counts that cannot be");
  if (!std::exchange(members[x.worker].ready, true)) {
    ++ready;
    start_when_ready();
  }
  // Before the policy lets anybody go on: at the end of a round nobody begins another one.
  if (training() && steps_left.reached_by_commits(total.steps))
    end(end_reason::max_steps);
  if (training()) {
    policy->reported(x.worker, x.progress, now());
    send_released();
    arm();
  }
  return instruction_of(x.worker);
}

bool scheduler_state::plausible(const member& who, const sync::progress& x) const {
  // What this process does itself has no bound: in virtual time a step takes none. A loss may be
  // anything: training that diverges is honest.
  if (!setup->rights || who.handle.node() == self->node())
    return true;
  for (const auto seconds : {x.compute, x.communicate, x.wait, x.exchange})
    if (!std::isfinite(seconds) || seconds < 0)
      return false;
  const auto age = seconds_between(who.since, self->clock().now());
  const auto most = defaults::first_steps + defaults::most_steps_a_second * age;
  return static_cast<double>(x.steps) <= most && static_cast<double>(x.commits) <= most &&
         static_cast<double>(x.bytes) <= defaults::most_bytes_a_second * (1 + age);
}

bool scheduler_state::note(worker_id who, const sync::progress& x) {
  auto& worker = members[who];
  if (!plausible(worker, x)) {
    setup->rights->strike(worker.handle.node(), "counts that cannot be");
    return false;
  }
  if (x.steps < worker.progress.steps || x.commits < worker.progress.commits)
    return true;
  total += x - worker.progress;
  worker.progress = x;
  return true;
}

void scheduler_state::lost(const caf::down_msg& x) {
  if (ended) {
    lost_at_end(x);
    return;
  }
  if (auto i = by_actor.find(x.source); i != by_actor.end()) {
    const auto id = i->second;
    by_actor.erase(i);
    worker_gone(id, x.reason);
  } else if (x.source == setup->evaluator.address()) {
    end(end_reason::failed, "the evaluator has failed: " + to_text(x.reason));
  } else if (is_shard(x.source)) {
    shards_lost = true;
    end(end_reason::failed,
        to_string(ec::shard_lost) + " (" + to_text(x.reason) + "); the parameters are incomplete");
  }
}

bool scheduler_state::is_shard(const caf::actor_addr& x) const {
  return std::ranges::any_of(setup->shards,
                             [&](const auto& shard) { return shard.address() == x; });
}

bool scheduler_state::has_shards(const caf::node_id& peer) const {
  return std::ranges::any_of(setup->shards,
                             [&](const auto& shard) { return shard.node() == peer; });
}

void scheduler_state::lost_peer(const caf::node_id& peer) {
  if (ended) {
    lost_peer_at_end(peer);
    return;
  }
  if (has_shards(peer)) {
    shards_lost = true;
    end(end_reason::failed, to_string(ec::shard_lost) +
                                ", the node it was on is not heard of any more; "
                                "the parameters are incomplete");
    return;
  }
  for (worker_id id = 0; id < members.size() && !ended; ++id)
    if (members[id].present && members[id].handle.node() == peer) {
      by_actor.erase(members[id].handle.address());
      worker_gone(id, make_error(ec::not_reached, members[id].name));
    }
}

void scheduler_state::worker_gone(worker_id who, const caf::error& why) {
  auto& worker = members[who];
  worker.present = false;
  worker.left_at = started ? now() : 0;
  names.erase(worker.name);
  --present;
  ready -= worker.ready ? 1 : 0;
  if (why == ec::not_finite) {
    diverged = true;
    end(end_reason::failed, "training diverged at worker " + worker.name +
                                ": its update is not finite; the model is the last good one; "
                                "lower optimizer.learning_rate");
    return;
  }
  if (!started && !setup->open)
    --expected;
  if (!setup->open && present == 0 && to_come == 0 && (started || expected == 0)) {
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
    start_when_ready();
  }
}

} // namespace adsp
