// The node actor: one process's part in a cluster, from its hello to the end of the job. It hosts
// shards and workers as the registrar orders, and ends them when it ends.
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

/// What a node offers, and what it needs for that.
struct node_setup {
  job plan;
  hello self;
  std::vector<worker_plan> workers;               ///< role worker
  std::shared_ptr<const learning::dataset> train; ///< role worker: the data its workers train on
  registrar_actor registrar;

  caf::io::middleman_actor gateway; ///< to the other processes

  /// Takes one line, key=value, for each event.
  std::function<void(const std::string&)> log;

  std::shared_ptr<access> rights; ///< of other processes in this one

  /// Called when this node's part in training has begun; from any thread, possibly several times.
  std::function<void()> begun = {};
};

/// Ends without an error if the job is done or the node has been asked to leave; with job_failed
/// and a text if the job has failed; with job_ended if the job ended before this node could take
/// part, or its outcome can no longer be learnt; otherwise with the error that ended its part,
/// after which the node may try again (name_taken, not_reached, ...) or may not (config_differs,
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
  /// Connects to the nodes with shards, one after the other, then waits for those that connect to
  /// this one, and begins.
  void reach_next(std::vector<std::string> addresses);
  void begin_when_connected();
  void begin_work();
  caf::result<void> permit(worker_id worker, const caf::node_id& process,
                           const std::string& certificate);

  void end(const finish& outcome);
  void leave();
  /// Ends if no worker is left, nor a shard that the scheduler still has to fetch.
  void go();
  void actor_ended(const caf::down_msg& down);
  void worker_ended(const caf::down_msg& down);
  /// Takes the workers out of the job, so that nobody waits for them. Ends this part, so that it
  /// can begin anew, unless the scheduler reports the end of the job in the meantime.
  void shard_ended();
  /// The wait after `shard_ended` is over.
  void end_cut_off();

  /// Ends if the registrar has not asked for longer than the lease; much later if this node hosts
  /// shards, because a new part in the job would not bring them back.
  void watch_registrar();
  /// Ends because the scheduler is gone.
  void give_up(std::string why);
  bool ordered(const char* what) const;
  sync::seconds now() const;

  node_actor::pointer self;
  std::shared_ptr<node_setup> setup; ///< shared only because `spawn` copies its arguments
  workplace where;                   ///< of the workers here
  std::vector<shard_actor> shards;   ///< hosted here
  std::vector<worker_actor> workers; ///< hosted here
  lease_watch lease;                 ///< length 0: not admitted yet
  node_part part;
  sync::seconds waits_since = 0; ///< since when it waits for others to connect
};

node_actor::behavior_type node(node_actor::stateful_pointer<node_state> self,
                               std::shared_ptr<node_setup> setup);

} // namespace adsp
