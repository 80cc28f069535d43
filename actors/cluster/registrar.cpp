#include "actors/cluster/registrar.hpp"

#include "actors/clock/actor_time.hpp"
#include "actors/rights/peer.hpp"
#include "actors/rights/unexpected.hpp"

#include <caf/send.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace adsp {

void registrar_state::init(std::shared_ptr<registrar_setup> x) {
  setup = std::move(x);
  ranges = plan_shards(setup->initial.size(), setup->plan.ps.shard_size);
  shards.resize(ranges.size());
  checked = self->clock().now();
  self->delayed_send(registrar_actor{self}, to_duration(setup->plan.cluster.lease / 4),
                     check_atom::value);
  setup->rights->when_dropped([me = self->address()](const caf::node_id& whom) {
    if (const auto there = caf::actor_cast<registrar_actor>(me))
      caf::send_as(there, there, dropped_atom::value, whom);
  });
}

registrar_actor::behavior_type registrar(registrar_actor::stateful_pointer<registrar_state> self,
                                         std::shared_ptr<registrar_setup> setup) {
  self->set_down_handler([self](const caf::down_msg& x) { self->state.lose(x.source, x.reason); });
  refuse_unexpected(self, setup->rights);
  self->state.init(std::move(setup));
  return {
      [self](const hello& greeting, const node_actor& handle) {
        return self->state.greet(greeting, handle);
      },
      [self](check_atom) {
        if (peer_of(self) == self->node())
          self->state.check();
      },
      [self](dropped_atom, const caf::node_id& peer) { self->state.dropped(peer); },
      [self](status_atom) -> caf::result<std::string, scheduler_actor> {
        return {self->state.waiting_for(), self->state.scheduler};
      },
      [self](leave_atom, const node_actor& who) { self->state.release(who); },
      [self](stop_atom) {
        if (peer_of(self) == self->node() && !std::exchange(self->state.ending, true))
          self->state.setup->log("job=" + self->state.setup->plan.name + " ending");
      },
      [self](const finish& x) -> caf::result<void> {
        if (peer_of(self) != self->node()) {
          self->state.setup->rights->strike(peer_of(self), "an order to end the job");
          return make_error(ec::not_permitted, "finish");
        }
        return self->state.end(x);
      },
  };
}

} // namespace adsp
