#include "actors/registrar.hpp"

#include "actors/actor_time.hpp"
#include "actors/cluster.hpp"
#include "actors/defaults.hpp"

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
                  host{static_cast<shard_id>(i), copy_of(values), initial_rate(setup->plan),
                       setup->plan.ps.momentum})
        .then([this, i, who = x.handle](const shard_actor& handle) { placed(who, i, handle); },
              [this, address = x.handle.address()](const caf::error& why) { lose(address, why); });
  }
  begin_when_placed();
}

void registrar_state::placed(const node_actor& who, std::size_t shard, const shard_actor& handle) {
  if (find(who.address()) == nullptr)
    return;
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
  for (const auto& node : nodes)
    if (node.who.serves && !node.who.address.empty() && node.handle != x.handle)
      addresses.push_back(node.who.address);
  self->send(x.handle, scheduler, shards, std::move(addresses));
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
  setup->log(fmt::format("node={} {}", node.who.node,
                         why ? fmt::format("lost reason=\"{}\"", to_text(why)) : "left"));
  if (peer != self->node())
    setup->rights->revoke(peer);
  self->send_exit(node.handle, caf::exit_reason::kill);
  if (ended)
    return;
  if (scheduler) {
    if (peer != self->node())
      self->send(scheduler, gone_atom::value, peer);
    for (const auto& each : nodes)
      if (each.who.serves && peer != self->node())
        self->send(each.handle, gone_atom::value, peer);
  } else if (node.shards) {
    for (auto i = node.shards->first; i < node.shards->first + node.shards->size; ++i)
      shards[i] = shard_actor{};
  }
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
  const auto* known = find(x.address());
  const auto& sender = self->current_sender();
  if (known == nullptr || !sender || sender->node() != x.node())
    return;
  if (!scheduler || !known->shards) {
    self->send(x, finish{true, "no job has begun"});
    return;
  }
  const auto why = fmt::format("node {}, which has shards, was asked to leave", known->who.node);
  setup->log(fmt::format("job={} ending reason=\"{}\"", setup->plan.name, why));
  self->send(scheduler, stop_atom::value, why);
}

caf::result<alive_atom> registrar_state::end(const finish& x) {
  ending = true;
  ended = true;
  struct call {
    std::size_t waiting;
    caf::typed_response_promise<alive_atom> promise;
    void answered() {
      if (--waiting == 0)
        promise.deliver(alive_atom::value);
    }
  };
  auto promise = self->make_response_promise<alive_atom>();
  auto told = std::make_shared<call>(call{nodes.size() + 1, promise});
  for (const auto& node : nodes)
    self->request(node.handle, defaults::sample_timeout * 5, x)
        .then([told] { told->answered(); }, [told](const caf::error&) { told->answered(); });
  told->answered();
  return promise;
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
      [self, is_local](stop_atom) { self->state.ending = self->state.ending || is_local(); },
      [self, is_local](const finish& x) -> caf::result<alive_atom> {
        if (!is_local())
          return make_error(ec::not_permitted, "finish");
        return self->state.end(x);
      },
  };
}

} // namespace adsp
