// The registrar actor: admits nodes to a cluster, gives those with the role ps their shards, begins
// the job when all is there, and gives up nodes that are not heard of any more.
#pragma once

#include "actors/plan/job.hpp"
#include "actors/rights/access.hpp"
#include "actors/rights/last_said.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace adsp {

/// What a registrar needs to know and whom it asks.
struct registrar_setup {
  job plan;
  std::vector<setting> settings; ///< what every node's config has to say too, sorted by key
  std::uint64_t fingerprint = 0; ///< of the settings
  std::vector<float> initial;    ///< the parameters that training starts from

  /// Spawns the scheduler of the job; called once, when every shard is there.
  std::function<scheduler_actor(const std::vector<shard_actor>& shards,
                                const std::vector<node_actor>& gates)>
      begin;

  /// Whether the node `name` may take a role, "ps" or "worker".
  std::function<bool(const std::string& name, const std::string& role)> allows;

  /// Takes a line, key=value, for each event.
  std::function<void(const std::string&)> log;

  std::shared_ptr<access> rights; ///< of other processes here
};

/// A node that takes part.
struct cluster_node {
  hello who;
  node_actor handle;
  caf::actor_clock::time_point heard; ///< its last sign of life
  bool asked = false;                 ///< the next one is under way
  std::optional<placement> shards;    ///< role ps: those it hosts
};

/// What a peer has been refused so far.
struct refusals {
  std::size_t lines = 0; ///< of the log
  bool for_good = false; ///< an honest node does not come again
};

struct registrar_state {
  static inline const char* name = "registrar";

  explicit registrar_state(registrar_actor::pointer selfptr) : self{selfptr} {}

  void init(std::shared_ptr<registrar_setup> x);

  caf::result<admitted> greet(const hello& greeting, const node_actor& handle);

  /// Why this node cannot take part now.
  caf::error objection(const hello& x) const;
  /// Why the process does not count as the node `name`: with TLS its verified certificate has to be
  /// that node's.
  std::optional<std::string> distrust(const std::string& name, const caf::node_id& from) const;
  caf::error refuse(const hello& x, caf::error why, const caf::node_id& from);
  void admit(const hello& x, const node_actor& handle);

  /// Gives the node the first part of the shards that nobody has.
  void place(cluster_node& x);
  void placed(const node_actor& who, std::size_t shard, const shard_actor& handle);
  void begin_when_placed();
  void give_work(const cluster_node& x);

  void check();
  cluster_node* find(const caf::actor_addr& handle);
  /// The node is not there any more; nothing when that is known.
  void lose(const caf::actor_addr& handle, const caf::error& why);
  /// The peer is not to take part any more; heard from this process or from a node with shards.
  void dropped(const caf::node_id& whom);
  std::string waiting_for() const;

  /// A node with shards wants to leave.
  void release(const node_actor& x);
  /// Tells everybody; answers when all have heard it, are lost or do not answer.
  caf::result<void> end(const finish& x);
  void told(const caf::actor_addr& whom);

  registrar_actor::pointer self;
  std::shared_ptr<registrar_setup> setup; ///< shared only to pass through spawn
  std::vector<shard_range> ranges;
  std::vector<shard_actor> shards; ///< of each range; none: not placed yet
  std::vector<cluster_node> nodes;
  last_said last_refused{256};                        ///< of each name
  std::unordered_map<caf::node_id, refusals> refused; ///< few
  scheduler_actor scheduler;                          ///< none before the job has begun
  caf::actor_clock::time_point checked;               ///< when `check` ran last
  bool shards_lost = false;                           ///< the job fails, or has failed
  bool ending = false;                                ///< nobody is admitted any more
  bool ended = false;                                 ///< and those who are there have been told
  finish outcome;                                     ///< what they have been told
  std::set<caf::actor_addr> to_be_told;               ///< and have not answered
  caf::typed_response_promise<caf::unit_t> all_told;
};

registrar_actor::behavior_type registrar(registrar_actor::stateful_pointer<registrar_state> self,
                                         std::shared_ptr<registrar_setup> setup);

/// The keys in which two sorted lists of settings differ, separated by commas; empty when in none.
std::string differing_keys(const std::vector<setting>& x, const std::vector<setting>& y);

} // namespace adsp
