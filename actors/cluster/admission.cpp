#include "actors/cluster/admission.hpp"

#include "security/node_name.hpp"
#include "transport/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace adsp {

namespace {

/// Most bytes of a hello; an honest one is far smaller.
constexpr std::size_t max_hello = 64 * 1024;
constexpr std::size_t max_keys_named = 8;

bool too_long(const hello& greeting) {
  auto size = greeting.node.size() + greeting.address.size();
  for (const auto& worker : greeting.workers)
    size += worker.size() + 1;
  for (const auto& each : greeting.settings)
    size += each.key.size() + each.value.size() + 2;
  return size > max_hello;
}

/// Whether all names are valid, so that they can be logged.
bool well_named(const hello& greeting) {
  return security::is_node_name(greeting.node) &&
         std::ranges::all_of(greeting.workers, security::is_node_name);
}

bool names_differ(std::vector<std::string> names) {
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) == names.end();
}

bool well_addressed(const hello& greeting) {
  return greeting.address.empty() || (transport::parse_endpoint(greeting.address) &&
                                      security::printable(greeting.address) == greeting.address);
}

/// How a node with another fingerprint differs.
std::string difference(const admission_rules& here, const hello& greeting) {
  const auto keys = differing_keys(here.settings, greeting.settings);
  return fmt::format("{}; shared settings: node {:016x}, scheduler {:016x}",
                     keys.empty() ? "its fingerprint, though none of the settings that it names; "
                                    "install the same adsp on both"
                                  : keys,
                     greeting.fingerprint, here.fingerprint);
}

} // namespace

bool may_pass(refusal_reason reason) {
  switch (reason) {
  case refusal_reason::node_taken:
  case refusal_reason::worker_taken:
  case refusal_reason::process_taken:
  case refusal_reason::not_connected: // the node connects again
    return true;
  default:
    return false;
  }
}

std::string differing_keys(const std::vector<setting>& left, const std::vector<setting>& right) {
  std::vector<setting> only;
  const auto before = [](const setting& a, const setting& b) {
    return std::tie(a.key, a.value) < std::tie(b.key, b.value);
  };
  std::ranges::set_symmetric_difference(left, right, std::back_inserter(only), before);
  std::map<std::string, int> sides; // how many lists have the key
  for (const auto& each : only)
    ++sides[each.key];
  // Keys that both have come first: their values decide which others are read.
  std::vector<std::string> keys;
  for (const int wanted : {2, 1})
    for (const auto& [key, found] : sides)
      if (found == wanted)
        keys.push_back(key);
  std::string text;
  std::size_t named = 0;
  for (const auto& key : keys) {
    if (named++ == max_keys_named)
      return text + fmt::format(" and {} more", keys.size() - max_keys_named);
    text += (text.empty() ? "" : ", ") + security::printable(key);
  }
  return text;
}

std::optional<refusal> admission::objection(const hello& greeting,
                                            const hello_origin& origin) const {
  if (auto why = objection_of_job())
    return why;
  if (auto why = objection_to_form(greeting))
    return why;
  if (!origin.here && !origin.connected)
    return refusal{refusal_reason::not_connected, "its connection has ended"};
  if (!origin.here && !origin.certificate.empty() && origin.certificate != greeting.node)
    return refusal{refusal_reason::other_certificate,
                   "its certificate is of " + origin.certificate};
  return objection_of_members(greeting, origin);
}

std::optional<refusal> admission::objection_of_job() const {
  if (ended() && !outcome_.success)
    return refusal{refusal_reason::job_failed, outcome_.text};
  if (shards_lost_ && !ended())
    return refusal{refusal_reason::job_failed, "a shard of the parameter server is lost"};
  if (ending())
    return refusal{refusal_reason::job_ended, rules_.job};
  return std::nullopt;
}

std::optional<refusal> admission::objection_to_form(const hello& greeting) const {
  if (too_long(greeting))
    return refusal{refusal_reason::too_long, "a hello that is too long"};
  if (!well_named(greeting))
    return refusal{refusal_reason::bad_name,
                   fmt::format("invalid name; expected {}", security::node_name_rule)};
  if (!names_differ(greeting.workers))
    return refusal{refusal_reason::bad_name, "invalid hello: two of its workers have one name"};
  if (!well_addressed(greeting))
    return refusal{refusal_reason::bad_address, "invalid address; expected HOST:PORT"};
  if (greeting.protocol != protocol_version)
    return refusal{refusal_reason::other_protocol,
                   fmt::format("the node speaks version {} of the protocol, the scheduler {}; "
                               "install the same adsp on both",
                               greeting.protocol, protocol_version)};
  if (greeting.fingerprint != rules_.fingerprint)
    return refusal{refusal_reason::other_settings, difference(rules_, greeting)};
  for (const auto& [role, wanted] :
       {std::pair{"ps", greeting.serves}, {"worker", !greeting.workers.empty()}})
    if (wanted && !rules_.allow.rules.empty() && !rules_.allow.allows(greeting.node, role))
      return refusal{refusal_reason::role_not_allowed,
                     fmt::format("role {} of node {}", role, greeting.node)};
  return std::nullopt;
}

std::optional<refusal> admission::objection_of_members(const hello& greeting,
                                                       const hello_origin& origin) const {
  for (const auto& [id, other] : members_) {
    if (other.who.node == greeting.node)
      return refusal{refusal_reason::node_taken, "node " + greeting.node};
    for (const auto& worker : greeting.workers)
      if (std::ranges::find(other.who.workers, worker) != other.who.workers.end())
        return refusal{refusal_reason::worker_taken,
                       "worker " + worker + " is on node " + other.who.node};
    if (other.process == origin.process)
      return refusal{refusal_reason::process_taken, "its process is node " + other.who.node};
  }
  if (greeting.serves && serving() >= rules_.ps_nodes)
    return refusal{refusal_reason::enough_shards,
                   fmt::format("role ps of node {}: the job has its {} (cluster.ps_nodes)",
                               greeting.node, rules_.ps_nodes)};
  return std::nullopt;
}

member_id admission::admit(const hello& greeting, std::string process) {
  auto& added =
      members_.emplace(++last_, cluster_member{greeting, std::move(process)}).first->second;
  added.who.settings.clear();
  return last_;
}

const cluster_member* admission::find(member_id who) const {
  const auto found = members_.find(who);
  return found == members_.end() ? nullptr : &found->second;
}

std::size_t admission::serving() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(members_, [](const auto& each) { return each.second.who.serves; }));
}

bool admission::begin_end() {
  if (ending())
    return false;
  stage_ = stage::ending;
  return true;
}

void admission::end(finish outcome) {
  stage_ = stage::ended;
  outcome_ = std::move(outcome);
}

} // namespace adsp
