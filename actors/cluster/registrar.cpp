#include "actors/cluster/registrar.hpp"

#include "actors/clock/actor_time.hpp"
#include "actors/rights/peer.hpp"
#include "actors/rights/unexpected.hpp"

#include <caf/send.hpp>

#include <utility>

namespace adsp {

namespace {

security::allow_list allow_list_of(const cluster_options& options) {
  security::allow_list list;
  for (const auto& each : options.allow)
    list.rules.push_back({each.name, each.roles});
  return list;
}

} // namespace

void registrar_state::init(std::shared_ptr<registrar_setup> given) {
  setup = std::move(given);
  const auto& cluster = setup->plan.cluster;
  members = admission{{setup->plan.name, setup->settings, setup->fingerprint, cluster.ps_nodes,
                       allow_list_of(cluster)}};
  leases = lease_keeper{cluster.lease, now()};
  ranges = plan_shards(setup->initial.size(), setup->plan.ps.shard_size);
  parts = shard_placement{ranges.size(), cluster.ps_nodes};
  shards.resize(ranges.size());
  self->delayed_send(registrar_actor{self}, to_duration(check_interval(cluster.lease)),
                     check_atom::value);
  setup->rights->when_dropped([me = self->address()](const caf::node_id& whom) {
    if (const auto there = caf::actor_cast<registrar_actor>(me))
      caf::send_as(there, there, dropped_atom::value, whom);
  });
}

sync::seconds registrar_state::now() const {
  return seconds_between({}, self->clock().now());
}

registrar_actor::behavior_type registrar(registrar_actor::stateful_pointer<registrar_state> self,
                                         std::shared_ptr<registrar_setup> setup) {
  self->set_down_handler([self](const caf::down_msg& down) { self->state.node_ended(down); });
  const auto ordered = [self, rights = setup->rights](const char* what) {
    return is_ordered(self, rights.get(), what);
  };
  refuse_unexpected(self, setup->rights);
  self->state.init(std::move(setup));
  return {
      [self](const hello& greeting, const node_actor& handle) {
        return self->state.greet(greeting, handle);
      },
      [self](dropped_atom, const caf::node_id& whom) { self->state.dropped(whom); },
      [self, ordered](check_atom) {
        if (ordered("an order to check"))
          self->state.check();
      },
      [self](status_atom) -> caf::result<std::string, scheduler_actor> {
        return {self->state.waiting_for(), self->state.scheduler};
      },
      [self](leave_atom, const node_actor& who) { self->state.release(who); },
      [self, ordered](stop_atom) {
        if (ordered("an order to end the job") && self->state.members.begin_end())
          self->state.setup->log("job=" + self->state.setup->plan.name + " ending");
      },
      [self, ordered](const finish& outcome) -> caf::result<void> {
        if (!ordered("an order to end the job"))
          return make_error(ec::not_permitted, "finish");
        return self->state.end(outcome);
      },
  };
}

} // namespace adsp
