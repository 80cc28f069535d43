// The node actor: one process's part in a cluster, from its hello to the end of the job. It hosts
// shards and workers as the registrar says, and takes them with it when it ends.
#pragma once

#include "actors/cluster/lease.hpp"
#include "actors/cluster/node_part.hpp"
#include "actors/rights/access.hpp"
#include "actors/worker/worker_factory.hpp"
#include "messages/protocol.hpp"

#include <caf/io/middleman_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace adsp {

/// What a node offers, and what it needs to do it.
struct node_setup {
  job plan;
  hello self;
  std::vector<worker_plan> workers;               ///< role worker
  std::shared_ptr<const learning::dataset> train; ///< role worker: what its workers train on
  registrar_actor registrar;

  caf::io::middleman_actor gateway; ///< to the other processes

  /// Takes a line, key=value, for each event.
  std::function<void(const std::string&)> log;

  std::shared_ptr<access> rights; ///< of other processes here

  /// Called when this node's part in training has begun; from any thread, more than once.
  std::function<void()> begun = {};
};

/// Ends without an error when the job is done or the node has been asked to leave; with job_failed
/// and a text when the job has failed; with job_ended when it is over before this node could take
/// part, or nobody says any more how it has ended; with another error when this part in it is over
/// and may be begun again (name_taken, not_reached, ...) or cannot be had (config_differs,
/// not_trusted, not_permitted).
struct node_state {
  static inline const char* name = "node";

  explicit node_state(node_actor::pointer selfptr) : self{selfptr} {}
  ~node_state();

  void init(std::shared_ptr<node_setup> given);
  void say_hello();
  void begin_lease(sync::seconds length);

  caf::result<shard_actor> take_shard(const host& given);
  void take_work(const work& given);
  /// Connects to the nodes with the shards, one after the other, then waits for those that connect
  /// to this one, and begins.
  void reach_next(std::vector<std::string> addresses);
  void begin_when_connected();
  void begin_work();
  caf::result<void> permit(worker_id worker, const caf::node_id& process,
                           const std::string& certificate);

  void end(const finish& outcome);
  void leave();
  /// Ends when no worker is left, and no shard that the scheduler has still to fetch.
  void go();
  void actor_ended(const caf::down_msg& down);
  void worker_ended(const caf::down_msg& down);
  /// Takes the workers out of the job, so that nobody waits for them, and begins anew, unless the
  /// scheduler says in the meantime that the job is over.
  void shard_ended();
  /// The wait after that is over.
  void end_cut_off();

  /// Ends when the registrar has not asked for longer than the lease; with shards here, which no
  /// new part in the job would bring back, much later.
  void watch_registrar();
  /// Ends because the scheduler is not there any more.
  void give_up(std::string why);
  bool ordered(const char* what) const;
  sync::seconds now() const;

  node_actor::pointer self;
  std::shared_ptr<node_setup> setup; ///< shared only to pass through spawn
  workplace where;                   ///< of the workers here
  std::vector<shard_actor> shards;   ///< hosted here
  std::vector<worker_actor> workers; ///< hosted here
  lease_watch lease;                 ///< of length 0: not admitted yet
  node_part part;
  sync::seconds waits_since = 0; ///< when it began to wait for others to connect
};

node_actor::behavior_type node(node_actor::stateful_pointer<node_state> self,
                               std::shared_ptr<node_setup> setup);

} // namespace adsp
