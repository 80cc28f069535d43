// Handles the hello of a node, which becomes a member of the cluster or is refused.
#include "actors/cluster/registrar.hpp"

#include "actors/rights/peer.hpp"
#include "security/node_name.hpp"

#include <fmt/format.h>

#include <utility>

namespace adsp {

namespace {

ec code_of(refusal_reason reason) {
  switch (reason) {
  case refusal_reason::job_failed:
    return ec::job_failed;
  case refusal_reason::job_ended:
    return ec::job_ended;
  case refusal_reason::too_long:
    return ec::wrong_size;
  case refusal_reason::other_protocol:
  case refusal_reason::other_settings:
    return ec::config_differs;
  case refusal_reason::node_taken:
  case refusal_reason::worker_taken:
  case refusal_reason::process_taken:
    return ec::name_taken;
  case refusal_reason::not_connected:
    return ec::not_reached;
  case refusal_reason::other_certificate:
    return ec::not_trusted;
  case refusal_reason::bad_name:
  case refusal_reason::bad_address:
  case refusal_reason::role_not_allowed:
  case refusal_reason::enough_shards:
    break;
  }
  return ec::not_permitted;
}

std::string roles_of(const hello& greeting) {
  if (greeting.workers.empty())
    return greeting.serves ? "ps" : "";
  return greeting.serves ? "ps,worker" : "worker";
}

} // namespace

caf::result<admitted> registrar_state::greet(const hello& greeting, const node_actor& handle) {
  const auto from = peer_of(self);
  if (!is_sender_s(self, handle)) {
    if (handle)
      setup->rights->strike(from, "a hello for another node");
    return make_error(ec::not_trusted, "the hello comes from another node");
  }
  if (setup->rights->dropped(from, setup->rights->certificate_of(from)))
    return make_error(ec::not_permitted, "it has been dropped for malformed messages");
  if (const auto why = members.objection(greeting, origin_of(from)))
    return refuse(greeting, *why, from);
  admit(greeting, handle);
  return admitted{setup->plan.cluster.lease};
}

hello_origin registrar_state::origin_of(const caf::node_id& process) const {
  const auto certificate = setup->rights->connected_as(process);
  return {to_string(process), process == self->node(), certificate.has_value(),
          certificate.value_or("")};
}

caf::error registrar_state::refuse(const hello& greeting, const refusal& why,
                                   const caf::node_id& from) {
  auto error = make_error(code_of(why.reason), why.text);
  const auto process = to_string(from);
  const std::string shown = security::is_node_name(greeting.node) ? greeting.node : "?";
  const auto line = fmt::format("node={} refused reason=\"{}\"", shown, to_text(error));
  if (refusals.is_new(process, shown, line))
    setup->log(line);
  if (!may_pass(why.reason) && refusals.comes_again(process))
    setup->rights->strike(from, "a hello after it has been refused for good");
  return error;
}

void registrar_state::admit(const hello& greeting, const node_actor& handle) {
  setup->rights->admit(handle.node(), greeting.node, greeting.workers);
  refusals.forget(greeting.node);
  self->monitor(handle);
  const auto who = members.admit(greeting, to_string(handle.node()));
  leases.add(who, now());
  nodes.emplace(who, handle);
  setup->log(fmt::format("node={} admitted role={} workers={}", greeting.node, roles_of(greeting),
                         greeting.workers.size()));
  if (greeting.serves)
    place(who);
  if (scheduler)
    give_work(who);
}

} // namespace adsp
