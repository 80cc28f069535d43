// Who takes part in a cluster: the shards of each, the beginning of the job, who is lost, and the
// end.
#include "actors/cluster/registrar.hpp"

#include "actors/clock/actor_time.hpp"
#include "actors/one_process.hpp"
#include "actors/plan/defaults.hpp"
#include "actors/rights/peer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace adsp {

// -- placement ------------------------------------------------------------------------------------

void registrar_state::place(cluster_node& x) {
  const auto count = setup->plan.cluster.ps_nodes;
  for (std::size_t i = 0; i < count && !x.shards; ++i) {
    const auto part = place_shards(ranges.size(), count, i);
    const bool taken = std::ranges::any_of(
        nodes, [&](const auto& node) { return node.shards && node.shards->first == part.first; });
    if (!taken)
      x.shards = part;
  }
  for (auto i = x.shards->first; i < x.shards->first + x.shards->size; ++i) {
    const auto values = std::span{setup->initial}.subspan(ranges[i].first, ranges[i].size);
    self->request(x.handle, defaults::final_timeout,
                  host{static_cast<shard_id>(i), copy_of(values), starting_rule(setup->plan)})
        .then([this, i, who = x.handle](const shard_actor& handle) { placed(who, i, handle); },
              [this, address = x.handle.address()](const caf::error& why) { lose(address, why); });
  }
  begin_when_placed();
}

void registrar_state::placed(const node_actor& who, std::size_t shard, const shard_actor& handle) {
  if (find(who.address()) == nullptr)
    return;
  if (!handle) {
    lose(who.address(), make_error(ec::not_reached, "a shard that is not there"));
    return;
  }
  shards[shard] = handle;
  begin_when_placed();
}

void registrar_state::begin_when_placed() {
  if (scheduler || ended || !std::ranges::all_of(shards, [](const auto& x) { return bool{x}; }))
    return;
  std::vector<node_actor> gates;
  for (const auto& node : nodes)
    if (node.who.serves)
      gates.push_back(node.handle);
  scheduler = setup->begin(shards, gates);
  setup->log(fmt::format("job={} ready shards={} ps_nodes={}", setup->plan.name, shards.size(),
                         gates.size()));
  for (const auto& node : nodes)
    give_work(node);
}

void registrar_state::give_work(const cluster_node& x) {
  if (x.who.workers.empty())
    return;
  std::vector<std::string> addresses;
  for (const auto& node : nodes) {
    // Of two that connect to each other at a time each may close its own connection as one too
    // many: the one that came later connects, the other waits for it.
    if (node.handle == x.handle && x.who.serves)
      break;
    if (node.who.serves && !node.who.address.empty())
      addresses.push_back(node.who.address);
  }
  self->send(x.handle, work{scheduler, shards, std::move(addresses)});
}

// -- who is there ---------------------------------------------------------------------------------

cluster_node* registrar_state::find(const caf::actor_addr& handle) {
  const auto i =
      std::ranges::find_if(nodes, [&](const auto& x) { return x.handle.address() == handle; });
  return i == nodes.end() ? nullptr : &*i;
}

void registrar_state::check() {
  const auto lease = setup->plan.cluster.lease;
  self->delayed_send(registrar_actor{self}, to_duration(lease / 4), check_atom::value);
  const auto now = self->clock().now();
  // This process has stood still, and heard nobody for that alone.
  const bool was_away = seconds_between(std::exchange(checked, now), now) > lease / 2;
  std::vector<caf::actor_addr> silent;
  for (auto& node : nodes) {
    const auto address = node.handle.address();
    if (was_away)
      node.heard = now;
    if (seconds_between(node.heard, now) > lease)
      silent.push_back(address);
    else if (!std::exchange(node.asked, true))
      self->request(node.handle, to_duration(2 * lease), alive_atom::value)
          .then(
              [this, address](alive_atom) {
                if (auto* known = find(address)) {
                  known->asked = false;
                  known->heard = self->clock().now();
                }
              },
              [this, address](const caf::error& why) {
                if (why != caf::sec::request_timeout)
                  lose(address, why);
                else if (auto* known = find(address))
                  known->asked = false; // whether it is lost, its last sign of life says
              });
  }
  for (const auto& address : silent)
    lose(address, make_error(ec::not_reached, fmt::format("not heard of for {} s", lease)));
}

void registrar_state::lose(const caf::actor_addr& handle, const caf::error& why) {
  const auto* known = find(handle);
  if (known == nullptr)
    return;
  const auto node = std::move(*known);
  std::erase_if(nodes, [&](const auto& x) { return x.handle == node.handle; });
  const auto peer = node.handle.node();
  // Who has been told that the job is over leaves, whatever its last word is.
  setup->log(fmt::format("node={} {}", node.who.node,
                         why && !ended ? fmt::format("lost reason=\"{}\"", to_text(why)) : "left"));
  if (peer != self->node())
    setup->rights->revoke(peer);
  self->send_exit(node.handle, caf::exit_reason::kill);
  if (ended) {
    // Of a connection that has ended nobody is told who has a request waiting.
    told(handle);
    return;
  }
  if (scheduler) {
    shards_lost = shards_lost || node.shards;
    if (peer != self->node())
      self->send(scheduler, lost_atom::value, peer);
    for (const auto& each : nodes)
      if (each.who.serves && peer != self->node())
        self->send(each.handle, revoke_atom::value, peer);
  } else if (node.shards) {
    for (auto i = node.shards->first; i < node.shards->first + node.shards->size; ++i)
      shards[i] = shard_actor{};
  }
}

void registrar_state::dropped(const caf::node_id& whom) {
  const auto from = peer_of(self);
  if (from != self->node()) {
    // A node with shards takes nothing from that peer any more: without its commits it would hold
    // up a barrier.
    const auto by = std::ranges::find_if(
        nodes, [&](const auto& x) { return x.who.serves && x.handle.node() == from; });
    if (by == nodes.end()) {
      setup->rights->strike(from, "a word against another peer");
      return;
    }
    setup->rights->drop(whom, "dropped by node " + by->who.node);
  }
  std::vector<caf::actor_addr> gone;
  for (const auto& x : nodes)
    if (x.handle.node() == whom && whom != self->node())
      gone.push_back(x.handle.address());
  for (const auto& address : gone)
    lose(address, make_error(ec::not_permitted, "messages that make no sense"));
}

std::string registrar_state::waiting_for() const {
  if (scheduler)
    return {};
  const auto serving = std::ranges::count_if(nodes, [](const auto& x) { return x.who.serves; });
  return fmt::format("nodes with the role ps: {} of {} are there", serving,
                     setup->plan.cluster.ps_nodes);
}

// -- end ------------------------------------------------------------------------------------------

void registrar_state::release(const node_actor& x) {
  const auto* known = is_sender_s(self, x) ? find(x.address()) : nullptr;
  if (known == nullptr)
    return;
  if (!scheduler || !known->shards) {
    self->send(x, finish{true, "no job has begun"});
    return;
  }
  if (ending) // it ends for another reason, and this node is told with the others
    return;
  const auto why = fmt::format("node {}, which has shards, was asked to leave", known->who.node);
  setup->log(fmt::format("job={} ending reason=\"{}\"", setup->plan.name, why));
  self->send(scheduler, stop_atom::value, why);
}

caf::result<void> registrar_state::end(const finish& x) {
  ending = true;
  ended = true;
  outcome = x;
  all_told = self->make_response_promise<caf::unit_t>();
  const auto promise = all_told;
  for (const auto& node : nodes) {
    const auto address = node.handle.address();
    to_be_told.insert(address);
    self->request(node.handle, defaults::sample_timeout * 5, x)
        .then([this, address] { told(address); },
              [this, address](const caf::error&) { told(address); });
  }
  if (to_be_told.empty())
    all_told.deliver(caf::unit);
  return promise;
}

void registrar_state::told(const caf::actor_addr& whom) {
  if (to_be_told.erase(whom) > 0 && to_be_told.empty())
    all_told.deliver(caf::unit);
}

} // namespace adsp
