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

namespace {

/// Seconds that a node which is cut off from others with shards waits for the scheduler's word
/// before it begins anew: when they have died the job has failed, which the scheduler notices within
/// a lease and a quarter. No longer than a shard that does not answer is asked.
sync::seconds wait_cut_off(double lease) {
  constexpr std::chrono::duration<double> most = defaults::shard_attempts * defaults::shard_timeout;
  return std::min(1.5 * lease, most.count());
}

} // namespace

node_state::~node_state() {
  for (const auto& shard : shards)
    caf::anon_send_exit(shard, caf::exit_reason::kill);
  for (const auto& worker : workers)
    caf::anon_send_exit(worker, caf::exit_reason::kill);
}

// -- admission ------------------------------------------------------------------------------------

void node_state::init(std::shared_ptr<node_setup> x) {
  setup = std::move(x);
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
  lease = length;
  heard = checked = self->clock().now();
  setup->log(fmt::format("node={} admitted", setup->self.node));
  watch_registrar();
}

void node_state::watch_registrar() {
  const auto now = self->clock().now();
  // This process has stood still, and heard nothing for that alone.
  if (seconds_between(std::exchange(checked, now), now) > lease / 2)
    heard = now;
  const auto silent = seconds_between(heard, now);
  if (silent > (shards.empty() ? lease : defaults::shard_leases * lease))
    abandoned(fmt::format("the scheduler is not heard of for {:.0f} s", silent));
  else
    self->delayed_send(node_actor{self}, to_duration(lease / 4), check_atom::value);
}

void node_state::abandoned(std::string why) {
  self->quit(make_error(job_over ? ec::job_ended : ec::not_reached, std::move(why)));
}

// -- work -----------------------------------------------------------------------------------------

caf::result<shard_actor> node_state::take_shard(const host& x) {
  if (!ordered() || !setup->self.serves)
    return make_error(ec::not_permitted, "a shard for node " + setup->self.node);
  shards.push_back(self->spawn(shard, x, setup->rights));
  return shards.back();
}

void node_state::take_work(const work& given) {
  if (!ordered() || where.scheduler || leaving)
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
    reached = self->clock().now();
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
  else if (seconds_between(reached, self->clock().now()) < setup->plan.cluster.wait)
    self->delayed_send(node_actor{self}, std::chrono::milliseconds{20}, connected_atom::value);
  else
    self->quit(make_error(ec::not_reached, "a ps node that was to connect to this one"));
}

void node_state::begin_work() {
  if (leaving)
    return;
  crew staff{setup->plan, setup->train, threads::many};
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
    workers.push_back(self->system().spawn(worker, staff.make(plan, where, setup->begun)));
    self->monitor(workers.back());
  }
  setup->log(fmt::format("node={} training workers={}", setup->self.node, workers.size()));
}

// -- end ------------------------------------------------------------------------------------------

void node_state::over(const finish& x) {
  if (!ordered())
    return;
  if (x.success)
    self->quit();
  else
    self->quit(make_error(ec::job_failed, x.text));
}

void node_state::leave() {
  if (peer_of(self) != self->node() || std::exchange(leaving, true))
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

void node_state::worker_ended(const caf::down_msg& x) {
  std::erase_if(workers, [&](const auto& worker) { return worker.address() == x.source; });
  if (leaving)
    go();
  else if (x.reason == ec::job_ended)
    job_over = true; // how it has ended is told by `finish`
  else if (x.reason)
    // A worker that ends before the job does has lost its place in it.
    self->quit(make_error(ec::not_reached, "a worker has lost its place: " + to_text(x.reason)));
}

void node_state::shard_ended() {
  // At the end of a job its workers end before the shards do.
  if (workers.empty() || std::exchange(cut_off, true))
    return;
  setup->log(fmt::format("node={} cut off: the connection to a node with shards has ended",
                         setup->self.node));
  for (const auto& worker : workers)
    self->send(worker, leave_atom::value);
  self->delayed_send(node_actor{self}, to_duration(wait_cut_off(lease)), cut_off_atom::value);
}

void node_state::end_cut_off() {
  if (!leaving)
    abandoned("the connection to a node with shards has ended");
}

void node_state::lost(const caf::down_msg& x) {
  if (x.source == setup->registrar.address())
    abandoned("the connection to the scheduler is lost");
  else if (std::ranges::any_of(where.shards,
                               [&](const auto& shard) { return shard.address() == x.source; }))
    shard_ended();
  else
    worker_ended(x);
}

bool node_state::ordered() const {
  const bool leads = setup->rights->leads(peer_of(self));
  if (!leads)
    setup->rights->strike(peer_of(self), "an order to a node");
  return leads;
}

node_actor::behavior_type node(node_actor::stateful_pointer<node_state> self,
                               std::shared_ptr<node_setup> setup) {
  self->set_down_handler([self](const caf::down_msg& x) { self->state.lost(x); });
  refuse_unexpected(self, setup->rights);
  self->state.init(std::move(setup));
  return {
      [self](alive_atom) {
        self->state.heard = self->clock().now();
        return alive_atom::value;
      },
      [self](check_atom) { self->state.watch_registrar(); },
      [self](connected_atom) {
        if (peer_of(self) == self->node())
          self->state.begin_when_connected();
      },
      [self](cut_off_atom) {
        if (peer_of(self) == self->node())
          self->state.end_cut_off();
      },
      [self](const host& x) { return self->state.take_shard(x); },
      [self](permit_atom, worker_id worker, const caf::node_id& peer,
             const std::string& certificate) -> caf::result<void> {
        if (!self->state.ordered())
          return make_error(ec::not_permitted, "a permit");
        self->state.setup->rights->permit(worker, peer, certificate);
        if (self->state.setup->begun)
          self->state.setup->begun();
        return caf::unit;
      },
      [self](revoke_atom, const caf::node_id& peer) {
        if (self->state.ordered())
          self->state.setup->rights->revoke(peer);
      },
      [self](const work& given) { self->state.take_work(given); },
      [self](const finish& x) { self->state.over(x); },
      [self](leave_atom) { self->state.leave(); },
  };
}

} // namespace adsp
