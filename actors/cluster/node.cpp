#include "actors/cluster/node.hpp"

#include "actors/clock/actor_time.hpp"
#include "actors/plan/defaults.hpp"
#include "actors/rights/peer.hpp"
#include "actors/rights/unexpected.hpp"
#include "actors/server/shard.hpp"
#include "transport/gateway.hpp"

#include <caf/send.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace adsp {

node_state::~node_state() {
  for (const auto& shard : shards)
    caf::anon_send_exit(shard, caf::exit_reason::kill);
  for (const auto& worker : workers)
    caf::anon_send_exit(worker, caf::exit_reason::kill);
}

// -- admission ------------------------------------------------------------------------------------

void node_state::init(std::shared_ptr<node_setup> given) {
  setup = std::move(given);
  setup->rights->follow(setup->registrar.node());
  self->monitor(setup->registrar);
  say_hello();
}

void node_state::say_hello() {
  self->request(setup->registrar, defaults::report_timeout, setup->self, node_actor{self})
      .then([this](const admitted& answer) { begin_lease(answer.lease); },
            [this](caf::error& why) { self->quit(std::move(why)); });
}

void node_state::begin_lease(sync::seconds length) {
  lease = lease_watch{length, now()};
  setup->log(fmt::format("node={} admitted", setup->self.node));
  watch_registrar();
}

void node_state::watch_registrar() {
  if (const auto silent = lease.check(now(), shards.empty() ? 1 : defaults::shard_leases))
    give_up(fmt::format("the scheduler has not been heard from for {:.0f} s", *silent));
  else
    self->delayed_send(node_actor{self}, to_duration(check_interval(lease.length())),
                       check_atom::value);
}

void node_state::give_up(std::string why) {
  self->quit(make_error(part.job_over() ? ec::job_ended : ec::not_reached, std::move(why)));
}

sync::seconds node_state::now() const {
  return seconds_between({}, self->clock().now());
}

// -- work -----------------------------------------------------------------------------------------

caf::result<shard_actor> node_state::take_shard(const host& given) {
  if (!ordered("an order to host a shard") || !setup->self.serves)
    return make_error(ec::not_permitted, "a shard for node " + setup->self.node);
  shards.push_back(self->spawn(shard, given, setup->rights));
  return shards.back();
}

void node_state::take_work(const work& given) {
  if (!ordered("an order to work") || where.scheduler || part.leaving())
    return;
  if (!given.scheduler ||
      !std::ranges::all_of(given.shards, [](const auto& shard) { return bool{shard}; })) {
    self->quit(make_error(ec::not_reached, "the scheduler or a shard has already ended"));
    return;
  }
  where.scheduler = given.scheduler;
  where.shards = given.shards;
  reach_next(given.addresses);
}

void node_state::reach_next(std::vector<std::string> addresses) {
  if (addresses.empty()) {
    waits_since = now();
    begin_when_connected();
    return;
  }
  const auto address = std::move(addresses.back());
  addresses.pop_back();
  const auto at = transport::parse_endpoint(address);
  if (!at) {
    self->quit(make_error(ec::not_reached, "a ps node at \"" + address + "\""));
    return;
  }
  transport::reach(self, setup->gateway, *at,
                   [this, address, rest = std::move(addresses)](const caf::error& why) {
                     if (why)
                       self->quit(make_error(ec::not_reached,
                                             "the ps node at " + address + ": " + to_text(why)));
                     else
                       reach_next(rest);
                   });
}

void node_state::begin_when_connected() {
  const auto connected = [this](const shard_actor& shard) {
    return shard.node() == self->node() || setup->rights->connected_as(shard.node());
  };
  if (std::ranges::all_of(where.shards, connected))
    begin_work();
  else if (now() - waits_since < setup->plan.cluster.wait)
    self->delayed_send(node_actor{self}, std::chrono::milliseconds{20}, connected_atom::value);
  else
    self->quit(make_error(ec::not_reached, "a ps node that should have connected to this one"));
}

void node_state::begin_work() {
  if (part.leaving())
    return;
  worker_factory factory{setup->plan, setup->train, threads::many};
  const auto model = learning::make_model(setup->plan.model, learning::input_of(*setup->train),
                                          setup->train->classes);
  where.ranges = plan_shards(model->parameter_count(), setup->plan.ps.shard_size);
  if (where.ranges.size() != where.shards.size()) {
    self->quit(make_error(ec::wrong_size,
                          fmt::format("the model has {} parameters with the data here, the "
                                      "scheduler's has another number",
                                      model->parameter_count())));
    return;
  }
  for (const auto& shard : where.shards)
    self->monitor(shard);
  for (const auto& plan : setup->workers) {
    workers.push_back(self->system().spawn(worker, factory.make(plan, where, setup->begun)));
    self->monitor(workers.back());
  }
  setup->log(fmt::format("node={} training workers={}", setup->self.node, workers.size()));
}

caf::result<void> node_state::permit(worker_id worker, const caf::node_id& process,
                                     const std::string& certificate) {
  if (!ordered("a permit"))
    return make_error(ec::not_permitted, "a permit");
  setup->rights->permit(worker, process, certificate);
  if (setup->begun)
    setup->begun();
  return caf::unit;
}

// -- end ------------------------------------------------------------------------------------------

void node_state::end(const finish& outcome) {
  if (!ordered("an order to end"))
    return;
  if (outcome.success)
    self->quit();
  else
    self->quit(make_error(ec::job_failed, outcome.text));
}

void node_state::leave() {
  if (peer_of(self) != self->node() || !part.leave())
    return;
  for (const auto& worker : workers)
    self->send(worker, farewell_atom::value);
  go();
}

void node_state::go() {
  if (!workers.empty())
    return;
  if (shards.empty())
    self->quit();
  else
    self->send(setup->registrar, leave_atom::value, node_actor{self}); // `finish` is the answer
}

void node_state::actor_ended(const caf::down_msg& down) {
  const auto is_it = [&](const auto& actor) { return actor.address() == down.source; };
  if (is_it(setup->registrar))
    give_up("the connection to the scheduler is lost");
  else if (std::ranges::any_of(where.shards, is_it))
    shard_ended();
  else
    worker_ended(down);
}

void node_state::worker_ended(const caf::down_msg& down) {
  std::erase_if(workers, [&](const auto& worker) { return worker.address() == down.source; });
  switch (part.lose_worker(down.reason == ec::job_ended, bool{down.reason})) {
  case worker_end::go:
    go();
    break;
  case worker_end::give_up:
    self->quit(make_error(ec::not_reached, "a worker has lost its place: " + to_text(down.reason)));
    break;
  case worker_end::wait:
    break;
  }
}

void node_state::shard_ended() {
  if (!part.lose_shards(!workers.empty()))
    return;
  setup->log(fmt::format("node={} cut off: the connection to a node with shards has ended",
                         setup->self.node));
  for (const auto& worker : workers)
    self->send(worker, leave_atom::value);
  self->delayed_send(node_actor{self}, to_duration(cut_off_wait(lease.length())),
                     cut_off_atom::value);
}

void node_state::end_cut_off() {
  if (part.end_cut_off())
    give_up("the connection to a node with shards has ended");
}

bool node_state::ordered(const char* what) const {
  return is_ordered(self, setup->rights.get(), what);
}

node_actor::behavior_type node(node_actor::stateful_pointer<node_state> self,
                               std::shared_ptr<node_setup> setup) {
  self->set_down_handler([self](const caf::down_msg& down) { self->state.actor_ended(down); });
  refuse_unexpected(self, setup->rights);
  self->state.init(std::move(setup));
  return {
      [self](alive_atom) {
        self->state.lease.heard(self->state.now());
        return alive_atom::value;
      },
      [self](check_atom) { self->state.watch_registrar(); },
      [self](connected_atom) {
        if (self->state.ordered("an order to begin"))
          self->state.begin_when_connected();
      },
      [self](cut_off_atom) {
        if (self->state.ordered("an order to give up"))
          self->state.end_cut_off();
      },
      [self](const host& given) { return self->state.take_shard(given); },
      [self](permit_atom, worker_id worker, const caf::node_id& process,
             const std::string& certificate) {
        return self->state.permit(worker, process, certificate);
      },
      [self](revoke_atom, const caf::node_id& process) {
        if (self->state.ordered("an order to revoke rights"))
          self->state.setup->rights->revoke(process);
      },
      [self](const work& given) { self->state.take_work(given); },
      [self](const finish& outcome) { self->state.end(outcome); },
      [self](leave_atom) { self->state.leave(); },
  };
}

} // namespace adsp
