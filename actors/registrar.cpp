#include "actors/registrar.hpp"

#include "actors/actor_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace adsp {

namespace {

// What a hello may hold at most; an honest one holds far less.
constexpr std::size_t max_text = 16 * 1024; ///< of one text, bytes
constexpr std::size_t max_settings = 4096;
constexpr std::size_t max_workers = 100'000;
constexpr std::size_t max_keys_named = 8;

/// Nodes that have said hello and not signed yet.
constexpr std::size_t max_applicants = 64;

bool too_long(const hello& x) {
  const auto is_long = [](const std::string& text) { return text.size() > max_text; };
  return x.node.empty() || x.node.size() > 63 || is_long(x.certificate) || is_long(x.address) ||
         x.settings.size() > max_settings || x.workers.size() > max_workers ||
         std::ranges::any_of(x.workers, is_long) ||
         std::ranges::any_of(x.settings,
                             [&](const auto& s) { return is_long(s.key) || is_long(s.value); });
}

} // namespace

std::string proof_context(const std::string& job, const caf::node_id& node,
                          const caf::node_id& registrar) {
  return "join " + job + " from " + to_string(node) + " at " + to_string(registrar);
}

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
    text += (text.empty() ? "" : ", ") + key;
  }
  return text;
}

void registrar_state::init(std::shared_ptr<registrar_setup> x) {
  setup = std::move(x);
  ranges = plan_shards(setup->initial.size(), setup->plan.ps.shard_size);
  shards.resize(ranges.size());
  checked = self->clock().now();
  self->delayed_send(registrar_actor{self}, to_duration(setup->plan.cluster.lease / 4),
                     check_atom::value);
}

// -- admission ------------------------------------------------------------------------------------

caf::error registrar_state::objection(const hello& x) const {
  if (ended && !outcome.success)
    return make_error(ec::job_failed, outcome.text);
  if (ending)
    return make_error(ec::job_ended, setup->plan.name);
  if (too_long(x))
    return make_error(ec::wrong_size, "a hello that is too long");
  if (x.protocol != protocol_version)
    return make_error(ec::config_differs,
                      fmt::format("the node speaks version {} of the protocol, the scheduler {}; "
                                  "install the same adsp on both",
                                  x.protocol, protocol_version));
  if (auto keys = differing_keys(setup->settings, x.settings); !keys.empty())
    return make_error(ec::config_differs, std::move(keys));
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

caf::error registrar_state::refuse(const hello& x, caf::error why) {
  setup->log(fmt::format("node={} refused reason=\"{}\"", x.node.size() > 63 ? "?" : x.node,
                         to_text(why)));
  return why;
}

caf::result<challenge> registrar_state::greet(const hello& x) {
  if (!self->current_sender())
    return make_error(ec::not_trusted, "a hello of nobody");
  if (auto why = objection(x))
    return refuse(x, std::move(why));
  if (applicants.size() == max_applicants)
    applicants.erase(applicants.begin());
  applicants.push_back({x, setup->make_challenge(), self->current_sender()->node()});
  return challenge{applicants.back().challenge};
}

caf::result<double> registrar_state::take_proof(const proof& x, const node_actor& handle) {
  const auto i = std::ranges::find_if(applicants, [&](const applicant& a) {
    return a.challenge == x.challenge && a.peer == handle.node();
  });
  if (i == applicants.end())
    return make_error(ec::not_trusted, "nobody was asked to sign this");
  if (!self->current_sender() || self->current_sender()->node() != handle.node())
    return make_error(ec::not_trusted, "the proof comes from another node");
  const auto found = std::move(*i);
  applicants.erase(i);
  // This process need not prove to itself who it is.
  if (handle.node() != self->node())
    if (auto why = setup->distrusts(
            found.who, proof_context(setup->plan.name, handle.node(), self->node()), x))
      return refuse(found.who, make_error(ec::not_trusted, *why));
  if (auto why = objection(found.who))
    return refuse(found.who, std::move(why));
  admit(found.who, handle);
  return setup->plan.cluster.lease;
}

void registrar_state::admit(const hello& x, const node_actor& handle) {
  setup->rights->admit(handle.node(), x.node, x.workers);
  self->monitor(handle);
  nodes.push_back({x, handle, self->clock().now()});
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

registrar_actor::behavior_type registrar(registrar_actor::stateful_pointer<registrar_state> self,
                                         std::shared_ptr<registrar_setup> setup) {
  self->set_down_handler([self](const caf::down_msg& x) { self->state.lose(x.source, x.reason); });
  self->state.init(std::move(setup));
  const auto is_local = [self] {
    const auto& sender = self->current_sender();
    return sender && sender->node() == self->node();
  };
  return {
      [self](const hello& x) { return self->state.greet(x); },
      [self](const proof& x, const node_actor& handle) {
        return self->state.take_proof(x, handle);
      },
      [self](check_atom) { self->state.check(); },
      [self](status_atom) -> caf::result<std::string, scheduler_actor> {
        return {self->state.waiting_for(), self->state.scheduler};
      },
      [self](leave_atom, const node_actor& who) { self->state.release(who); },
      [self, is_local](stop_atom) {
        if (is_local() && !std::exchange(self->state.ending, true))
          self->state.setup->log("job=" + self->state.setup->plan.name + " ending");
      },
      [self, is_local](const finish& x) -> caf::result<alive_atom> {
        if (!is_local())
          return make_error(ec::not_permitted, "finish");
        return self->state.end(x);
      },
  };
}

} // namespace adsp
