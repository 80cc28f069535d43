// The registrar actor: admits nodes to a cluster, gives those with the role ps their shards, begins
// the job when all shards are placed, and loses nodes that it no longer hears from. `admission`,
// `lease_keeper` and `shard_placement` make its decisions.
#pragma once

#include "actors/cluster/admission.hpp"
#include "actors/cluster/lease.hpp"
#include "actors/cluster/refusal_log.hpp"
#include "actors/cluster/shard_placement.hpp"
#include "actors/plan/job.hpp"
#include "actors/rights/access.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace adsp {

/// What a registrar needs to know, and its callbacks.
struct registrar_setup {
  job plan;
  std::vector<setting> settings; ///< that every node's config must share, sorted by key
  std::uint64_t fingerprint = 0; ///< of the settings
  std::vector<float> initial;    ///< the parameters that training starts from

  /// Spawns the scheduler of the job; called once, when every shard is hosted.
  std::function<scheduler_actor(const std::vector<shard_actor>& shards,
                                const std::vector<node_actor>& ps_nodes)>
      begin;

  /// Takes one line, key=value, for each event.
  std::function<void(const std::string&)> log;

  std::shared_ptr<access> rights; ///< of other processes in this one
};

struct registrar_state {
  static inline const char* name = "registrar";

  explicit registrar_state(registrar_actor::pointer selfptr) : self{selfptr} {}

  void init(std::shared_ptr<registrar_setup> given);

  caf::result<admitted> greet(const hello& greeting, const node_actor& handle);
  hello_origin origin_of(const caf::node_id& process) const;
  caf::error refuse(const hello& greeting, const refusal& why, const caf::node_id& from);
  void admit(const hello& greeting, const node_actor& handle);

  /// Gives the node the first part of the shards that nobody has.
  void place(member_id who);
  void placed(member_id who, std::size_t shard, const shard_actor& handle);
  void begin_when_placed();
  void give_work(member_id who);

  /// Asks for signs of life, and loses nodes that have given none for the lease.
  void check();
  void ask(member_id who);
  /// The node is gone. Does nothing if that is known already.
  void lose(member_id who, const caf::error& why);
  void node_ended(const caf::down_msg& down);
  /// The access rules or a node with shards have found that a process misbehaves.
  void dropped(const caf::node_id& whom);
  std::string waiting_for() const;

  /// A node asks to leave.
  void release(const node_actor& leaver);
  /// Tells all members how the job ended; answers when each has confirmed, is lost or does not
  /// answer.
  caf::result<void> end(const finish& outcome);
  void told(member_id whom);

  sync::seconds now() const;

  registrar_actor::pointer self;
  std::shared_ptr<registrar_setup> setup; ///< shared only because `spawn` copies its arguments
  admission members;
  lease_keeper leases;
  shard_placement parts;
  std::vector<shard_range> ranges;
  std::vector<shard_actor> shards;       ///< one for each range; null: not hosted yet
  std::map<member_id, node_actor> nodes; ///< of the members
  refusal_log refusals;
  scheduler_actor scheduler;  ///< null before the job has begun
  std::set<member_id> untold; ///< have not confirmed that the job is over
  caf::typed_response_promise<caf::unit_t> all_told;
};

registrar_actor::behavior_type registrar(registrar_actor::stateful_pointer<registrar_state> self,
                                         std::shared_ptr<registrar_setup> setup);

} // namespace adsp
