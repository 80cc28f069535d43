// Who takes part: a node says hello, and is admitted or refused.
#include "actors/cluster/registrar.hpp"

#include "actors/rights/peer.hpp"
#include "security/node_name.hpp"
#include "transport/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace adsp {

namespace {

/// What a hello may hold at most, bytes; an honest one holds far less.
constexpr std::size_t max_hello = 64 * 1024;
constexpr std::size_t max_keys_named = 8;

/// Peers whose refusals are remembered, and lines of the log that one peer's are worth.
constexpr std::size_t max_refused = 4096;
constexpr std::size_t max_lines = 8;

bool too_long(const hello& x) {
  auto size = x.node.size() + x.address.size();
  for (const auto& worker : x.workers)
    size += worker.size() + 1;
  for (const auto& each : x.settings)
    size += each.key.size() + each.value.size() + 2;
  return size > max_hello;
}

/// Whether all names are names, so that they may stand in a line of a log.
bool well_named(const hello& x) {
  return security::is_node_name(x.node) && std::ranges::all_of(x.workers, security::is_node_name);
}

bool well_addressed(const hello& x) {
  return x.address.empty() ||
         (transport::parse_endpoint(x.address) && security::printable(x.address) == x.address);
}

/// In what a node differs whose fingerprint does.
std::string difference(const registrar_setup& here, const hello& x) {
  const auto keys = differing_keys(here.settings, x.settings);
  return fmt::format("{}; shared settings: node {:016x}, scheduler {:016x}",
                     keys.empty() ? "its fingerprint, though none of the settings that it names; "
                                    "install the same adsp on both"
                                  : keys,
                     x.fingerprint, here.fingerprint);
}

} // namespace

std::string differing_keys(const std::vector<setting>& x, const std::vector<setting>& y) {
  std::vector<setting> only;
  const auto before = [](const setting& a, const setting& b) {
    return std::tie(a.key, a.value) < std::tie(b.key, b.value);
  };
  std::ranges::set_symmetric_difference(x, y, std::back_inserter(only), before);
  std::set<std::string> keys;
  for (const auto& each : only)
    keys.insert(each.key);
  std::string text;
  std::size_t named = 0;
  for (const auto& key : keys) {
    if (named++ == max_keys_named)
      return text + fmt::format(" and {} more", keys.size() - max_keys_named);
    text += (text.empty() ? "" : ", ") + security::printable(key);
  }
  return text;
}

caf::error registrar_state::objection(const hello& x) const {
  if (ended && !outcome.success)
    return make_error(ec::job_failed, outcome.text);
  if (shards_lost && !ended)
    return make_error(ec::job_failed, to_string(ec::shard_lost));
  if (ending)
    return make_error(ec::job_ended, setup->plan.name);
  if (too_long(x))
    return make_error(ec::wrong_size, "a hello that is too long");
  if (!well_named(x))
    return make_error(ec::not_permitted,
                      fmt::format("a name that is none: expected {}", security::node_name_rule));
  if (!well_addressed(x))
    return make_error(ec::not_permitted, "an address that is none: expected HOST:PORT");
  if (x.protocol != protocol_version)
    return make_error(ec::config_differs,
                      fmt::format("the node speaks version {} of the protocol, the scheduler {}; "
                                  "install the same adsp on both",
                                  x.protocol, protocol_version));
  if (x.fingerprint != setup->fingerprint)
    return make_error(ec::config_differs, difference(*setup, x));
  for (const auto& [role, wanted] : {std::pair{"ps", x.serves}, {"worker", !x.workers.empty()}})
    if (wanted && !setup->allows(x.node, role))
      return make_error(ec::not_permitted, fmt::format("role {} of node {}", role, x.node));
  std::size_t serving = 0;
  for (const auto& node : nodes) {
    serving += node.who.serves ? 1 : 0;
    if (node.who.node == x.node)
      return make_error(ec::name_taken, "node " + x.node);
    for (const auto& worker : x.workers)
      if (std::ranges::find(node.who.workers, worker) != node.who.workers.end())
        return make_error(ec::name_taken, "worker " + worker + " is on node " + node.who.node);
  }
  if (x.serves && serving >= setup->plan.cluster.ps_nodes)
    return make_error(ec::not_permitted,
                      fmt::format("role ps of node {}: the job has its {} (cluster.ps_nodes)",
                                  x.node, setup->plan.cluster.ps_nodes));
  return caf::none;
}

caf::error registrar_state::refuse(const hello& x, caf::error why, const caf::node_id& from) {
  if (refused.size() >= max_refused && !refused.contains(from))
    refused.clear();
  auto& known = refused[from];
  const std::string shown = security::is_node_name(x.node) ? x.node : "?";
  auto line = fmt::format("node={} refused reason=\"{}\"", shown, to_text(why));
  // Who tries again and again is told of once, and who comes under many names not for ever.
  if (last_refused.is_new(shown, line) && ++known.lines <= max_lines)
    setup->log(line);
  const bool for_good = why != ec::name_taken && why != ec::busy;
  if (for_good && std::exchange(known.for_good, true))
    setup->rights->strike(from, "a hello after it has been refused for good");
  return why;
}

caf::result<admitted> registrar_state::greet(const hello& greeting, const node_actor& handle) {
  const auto from = peer_of(self);
  if (!is_sender_s(self, handle)) {
    if (handle)
      setup->rights->strike(from, "a hello for another node");
    return make_error(ec::not_trusted, "the hello comes from another node");
  }
  if (setup->rights->dropped(from, setup->rights->certificate_of(from)))
    return make_error(ec::not_permitted, "it has been dropped for messages that make no sense");
  if (auto why = objection(greeting))
    return refuse(greeting, std::move(why), from);
  if (auto why = distrust(greeting.node, from))
    return refuse(greeting, make_error(ec::not_trusted, std::move(*why)), from);
  const auto same =
      std::ranges::find_if(nodes, [&](const auto& node) { return node.handle.node() == from; });
  if (same != nodes.end())
    return refuse(greeting, make_error(ec::name_taken, "its process is node " + same->who.node),
                  from);
  admit(greeting, handle);
  return admitted{setup->plan.cluster.lease};
}

std::optional<std::string> registrar_state::distrust(const std::string& name,
                                                     const caf::node_id& from) const {
  if (from == self->node())
    return std::nullopt;
  const auto certificate = setup->rights->connected_as(from);
  if (!certificate)
    return "its connection has ended";
  if (!certificate->empty() && *certificate != name)
    return "its certificate is of " + *certificate;
  return std::nullopt;
}

void registrar_state::admit(const hello& x, const node_actor& handle) {
  setup->rights->admit(handle.node(), x.node, x.workers);
  last_refused.forget(x.node);
  self->monitor(handle);
  nodes.push_back({x, handle, self->clock().now(), false, std::nullopt});
  nodes.back().who.settings.clear(); // of no use where the fingerprint is equal
  setup->log(fmt::format("node={} joined role={}{} workers={}", x.node, x.serves ? "ps" : "",
                         x.workers.empty() ? ""
                         : x.serves        ? ",worker"
                                           : "worker",
                         x.workers.size()));
  if (x.serves)
    place(nodes.back());
  if (scheduler)
    give_work(nodes.back());
}

} // namespace adsp
