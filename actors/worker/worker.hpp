// The worker actor: trains on its share of the data, one step per message, and exchanges with the
// shards when its policy says so.
#pragma once

#include "actors/emulation/device.hpp"
#include "actors/emulation/emulated_path.hpp"
#include "actors/worker/exchange.hpp"
#include "actors/worker/replica.hpp"
#include "learning/aligned_vector.hpp"
#include "learning/data/augmentation.hpp"
#include "learning/models/model.hpp"
#include "learning/training/optimizer.hpp"
#include "learning/training/partition.hpp"
#include "messages/protocol.hpp"
#include "sync/policy.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace adsp {

/// Memory that a worker needs only during a step.
struct step_scratch {
  std::unique_ptr<learning::model> model;
  learning::minibatch batch;
  learning::aligned_vector<float> gradient;
};

/// What a worker needs to train.
struct worker_setup {
  std::string name;
  std::shared_ptr<const learning::dataset> data;
  learning::batch_stream batches;
  learning::optimizer optimizer;
  std::unique_ptr<sync::worker_policy> policy;
  device machine;
  std::vector<shard_range> ranges;
  std::vector<shard_actor> shards; ///< one for each range
  link_actor link;                 ///< the parameter server's emulated link; null: not emulated
  scheduler_actor scheduler;
  wire_options wire = {};
  bool recovers = false;                 ///< a non-finite update is void; otherwise the worker ends
  std::shared_ptr<step_scratch> scratch; ///< shared by workers that never run at the same time
  learning::augmentation images = {};    ///< changes of each minibatch
  learning::generator draws{0, "draws"}; ///< random numbers for the steps
  std::function<void()> begun = {};      ///< called after the first step
};

/// What a worker is doing; its time is booked by activity.
enum class activity : std::uint8_t {
  starting,      ///< joins and fetches the first parameters: not booked
  ready,         ///< has them and waits for its first permission to train: not booked
  computing,     ///< a step is under way
  communicating, ///< an exchange is under way
  waiting,       ///< blocked by the policy until the next instruction
};

struct worker_state {
  static inline const char* name = "worker";

  explicit worker_state(worker_actor::pointer selfptr);

  // -- taking part (worker.cpp) --

  /// Takes over the setup; the device may join and leave later.
  void start(const std::shared_ptr<worker_setup>& from);
  /// Asks the scheduler for an id.
  void join_job();
  /// Takes an id and fetches the first parameters.
  void take_part(const welcome& answer);
  /// Whether the worker has an id.
  bool takes_part() const { return current && current->number() > 0; }
  void instruct(const sync::instruction& latest);
  /// Tells the scheduler how far this worker is.
  void report_progress();
  report current_report();
  /// Ends for good, with a last report whose answer is not awaited.
  void leave();
  /// Its node asks it to leave: it commits outstanding steps first.
  void asked_to_leave();
  void commit_and_leave();

  // -- training (worker.cpp) --

  /// Does what the policy says, until it must wait for a message.
  void decide();
  /// Computes one step and books its emulated end.
  void begin_step();
  void end_step();
  /// Seconds on this worker's clock since it was spawned.
  sync::seconds now() const;
  /// Books the time since the last change under the activity that ends.
  void enter(activity next);
  void book();

  // -- exchanges with the shards (worker_exchange.cpp) --

  void begin_pull();
  /// Gives up the local parameters for the shards'.
  void begin_recovery();
  /// Commits; blocks the worker unless the policy trains meanwhile.
  void begin_commit();
  /// Makes the update; false, and nothing begins, if it is not finite.
  bool make_commit();
  void send_commit();
  /// Has the commit under way answered before the end of its round.
  void hurry_commit();
  /// Gives up a non-finite update, of which no shard has seen any part.
  void void_update();

  /// Sends the exchange's requests; with emulated links, once `bytes` have passed them.
  void go_to_shards(std::uint64_t bytes);
  /// Ends the exchange after all shards have answered; with emulated links, once the answers have
  /// passed them.
  void come_from_shards();
  void travel(hop next);
  void pass_server_link();
  void travel_after(sync::seconds delay);
  /// The bytes of an exchange have passed an emulated link.
  void arrive(std::uint64_t number);

  void ask_every_shard();
  void ask(shard_id shard);
  void shard_answered(const ticket& asked, const fresh& answer);
  void shard_failed(const ticket& asked, const caf::error& why);
  void end_exchange();
  void commit_ended(bool counts);
  /// Clears state that belongs to parameters that have been given up.
  void start_afresh();

  worker_actor::pointer self;
  // All members by value, so that a step touches few places in memory.
  std::optional<worker_setup> setup;
  std::optional<replica> model_copy;   ///< local parameters and the blocks they started from
  std::optional<exchange> current;     ///< the exchange of `model_copy` under way, or the last one
  std::optional<emulated_path> links;  ///< emulated; none: real links
  sync::progress progress;             ///< everything done so far; `exchange` counts the bytes
  caf::actor_clock::time_point origin; ///< when the worker was spawned
  activity doing = activity::starting;
  sync::seconds doing_since = 0;
  sync::seconds exchange_began = 0;
  bool leaving = false; ///< whether it leaves after the step or exchange under way
};

worker_actor::behavior_type worker(worker_actor::stateful_pointer<worker_state> self,
                                   const std::shared_ptr<worker_setup>& setup);

} // namespace adsp
