// The members of a cluster: the shards of each, the beginning of the job, lost members, and the
// end.
#include "actors/cluster/registrar.hpp"

#include "actors/clock/actor_time.hpp"
#include "actors/plan/defaults.hpp"
#include "actors/rights/peer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace adsp {

// -- placement ------------------------------------------------------------------------------------

void registrar_state::place(member_id who) {
  const auto part = parts.give(who);
  if (!part)
    return;
  const auto& handle = nodes.at(who);
  for (auto i = part->first; i < part->first + part->size; ++i) {
    const auto values = std::span{setup->initial}.subspan(ranges[i].first, ranges[i].size);
    self->request(handle, defaults::final_timeout,
                  host{static_cast<shard_id>(i), copy_of(values), starting_rule(setup->plan)})
        .then([this, who, i](const shard_actor& shard) { placed(who, i, shard); },
              [this, who](const caf::error& why) { lose(who, why); });
  }
  begin_when_placed();
}

void registrar_state::placed(member_id who, std::size_t shard, const shard_actor& handle) {
  if (!handle) {
    lose(who, make_error(ec::not_reached, "the shard has already ended"));
    return;
  }
  if (!parts.hosted(who, shard))
    return;
  shards[shard] = handle;
  begin_when_placed();
}

void registrar_state::begin_when_placed() {
  if (scheduler || members.ended() || !parts.complete())
    return;
  std::vector<node_actor> ps_nodes;
  for (const auto& [id, node] : members.members())
    if (node.who.serves)
      ps_nodes.push_back(nodes.at(id));
  scheduler = setup->begin(shards, ps_nodes);
  setup->log(fmt::format("job={} ready shards={} ps_nodes={}", setup->plan.name, shards.size(),
                         ps_nodes.size()));
  for (const auto& [id, node] : members.members())
    give_work(id);
}

void registrar_state::give_work(member_id who) {
  const auto& own = members.find(who)->who;
  if (own.workers.empty())
    return;
  std::vector<std::string> addresses;
  for (const auto& [id, node] : members.members()) {
    // If two nodes connected to each other at the same time, each might close its own connection as
    // redundant: so the one that came later connects, the other waits for it.
    if (id == who && own.serves)
      break;
    if (node.who.serves && !node.who.address.empty())
      addresses.push_back(node.who.address);
  }
  self->send(nodes.at(who), work{scheduler, shards, std::move(addresses)});
}

// -- who is there ---------------------------------------------------------------------------------

void registrar_state::check() {
  const auto lease = setup->plan.cluster.lease;
  self->delayed_send(registrar_actor{self}, to_duration(check_interval(lease)), check_atom::value);
  const auto due = leases.check(now());
  for (const auto who : due.ask)
    ask(who);
  for (const auto who : due.silent)
    lose(who, make_error(ec::not_reached, fmt::format("not heard from for {} s", lease)));
}

void registrar_state::ask(member_id who) {
  self->request(nodes.at(who), to_duration(2 * setup->plan.cluster.lease), alive_atom::value)
      .then([this, who](alive_atom) { leases.answered(who, now()); },
            [this, who](const caf::error& why) {
              if (why == caf::sec::request_timeout)
                leases.unanswered(who);
              else
                lose(who, why);
            });
}

void registrar_state::node_ended(const caf::down_msg& down) {
  for (const auto& [id, handle] : nodes)
    if (handle.address() == down.source) {
      lose(id, down.reason);
      return;
    }
}

void registrar_state::lose(member_id who, const caf::error& why) {
  const auto* known = members.find(who);
  if (known == nullptr)
    return;
  // A node that has been told that the job is over counts as left, whatever error ends it.
  setup->log(fmt::format("node={} {}", known->who.node,
                         why && !members.ended() ? fmt::format("lost reason=\"{}\"", to_text(why))
                                                 : "left"));
  const auto handle = nodes.at(who);
  const auto process = handle.node();
  const bool remote = process != self->node();
  members.remove(who);
  leases.remove(who);
  nodes.erase(who);
  if (remote)
    setup->rights->revoke(process);
  self->send_exit(handle, caf::exit_reason::kill);
  if (members.ended()) {
    // A pending request is not answered when its connection ends.
    told(who);
    return;
  }
  if (!scheduler) {
    if (const auto part = parts.take_back(who))
      std::fill_n(shards.begin() + static_cast<std::ptrdiff_t>(part->first), part->size,
                  shard_actor{});
    return;
  }
  if (const auto part = parts.part_of(who); part && part->size > 0)
    members.lose_shards();
  if (!remote)
    return;
  self->send(scheduler, lost_atom::value, process);
  for (const auto& [id, node] : members.members())
    if (node.who.serves)
      self->send(nodes.at(id), revoke_atom::value, process);
}

void registrar_state::dropped(const caf::node_id& whom) {
  const auto from = peer_of(self);
  const auto process = to_string(whom);
  if (from != self->node()) {
    // A node with shards accepts nothing from that process any more: without its commits the
    // process would hold up a barrier. `access` drops it here, too, and notifies this actor.
    const auto by = std::ranges::find_if(members.members(), [&](const auto& each) {
      return each.second.who.serves && each.second.process == to_string(from);
    });
    if (by == members.members().end())
      setup->rights->strike(from, "an unauthorised report of a dropped process");
    else
      setup->rights->drop(whom, "dropped by node " + by->second.who.node);
    return;
  }
  const auto lost = std::ranges::find_if(
      members.members(), [&](const auto& each) { return each.second.process == process; });
  if (lost != members.members().end() && whom != self->node())
    lose(lost->first, make_error(ec::not_permitted, "malformed messages"));
}

std::string registrar_state::waiting_for() const {
  if (scheduler)
    return {};
  return fmt::format("nodes with the role ps: {} of {} are there", members.serving(),
                     setup->plan.cluster.ps_nodes);
}

// -- end ------------------------------------------------------------------------------------------

void registrar_state::release(const node_actor& leaver) {
  if (!is_sender_s(self, leaver))
    return;
  const auto found =
      std::ranges::find_if(nodes, [&](const auto& each) { return each.second == leaver; });
  if (found == nodes.end())
    return;
  const auto part = parts.part_of(found->first);
  if (!scheduler || !part) {
    self->send(leaver, finish{true, "no job has begun"});
    return;
  }
  if (members.ending()) // it is ending already, and this node is told with the others
    return;
  const auto why = fmt::format("node {}, which has shards, was asked to leave",
                               members.find(found->first)->who.node);
  setup->log(fmt::format("job={} ending reason=\"{}\"", setup->plan.name, why));
  self->send(scheduler, stop_atom::value, why);
}

caf::result<void> registrar_state::end(const finish& outcome) {
  members.end(outcome);
  all_told = self->make_response_promise<caf::unit_t>();
  const auto promise = all_told;
  for (const auto& [id, handle] : nodes) {
    untold.insert(id);
    self->request(handle, defaults::end_timeout, outcome)
        .then([this, who = id] { told(who); }, [this, who = id](const caf::error&) { told(who); });
  }
  if (untold.empty())
    all_told.deliver(caf::unit);
  return promise;
}

void registrar_state::told(member_id whom) {
  if (untold.erase(whom) > 0 && untold.empty())
    all_told.deliver(caf::unit);
}

} // namespace adsp
