// The worker actor: trains on its share of the data, one step a message, and exchanges with the
// shards when its policy says so.
#pragma once

#include "actors/emulation/device.hpp"
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

/// What a worker needs while it computes a step, and nobody between two steps.
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
  std::vector<shard_actor> shards; ///< as many as ranges
  link_actor link;                 ///< of the parameter server; none: as fast as asked for
  scheduler_actor scheduler;
  wire_options wire = {};
  bool recovers = false; ///< an update that is not finite is given up instead of the worker
  std::shared_ptr<step_scratch> scratch; ///< shared by workers that never run at the same time
  learning::augmentation images = {};    ///< what happens to those of a minibatch
  learning::generator draws{0, "draws"}; ///< what is random in a step
  std::function<void()> begun = {};      ///< the first step is done
};

/// What a worker is doing; its time is booked under it.
enum class activity : std::uint8_t {
  starting,      ///< not yet permitted to train: not booked
  computing,     ///< a step is under way
  communicating, ///< an exchange is under way
  waiting,       ///< blocked by the policy
};

/// Where an exchange is on its way.
enum class leg : std::uint8_t {
  up,          ///< over the device's link
  into_server, ///< over the parameter server's link
  at_shards,   ///< sent, not all answered
  out_of_server,
  down,
};

struct worker_state {
  static inline const char* name = "worker";

  explicit worker_state(worker_actor::pointer selfptr);

  /// Takes over the setup; the device may join and leave later.
  void start(std::shared_ptr<worker_setup> x);

  /// Asks the scheduler for an id.
  void join_job();

  /// Takes an id and fetches the first parameters.
  void take_part(const welcome& x);

  /// Does what the policy says, until something has to arrive.
  void decide();

  /// Gives up the local parameters for the shards'.
  void recover();
  /// Gives up an update that is not finite, of which no shard has seen any part.
  void void_update();

  /// Computes one step and books its emulated end.
  void begin_step();
  void end_step();

  /// Makes what to commit, all of it before any is sent: no shard may apply its part of an update
  /// that another has to refuse. False, and nothing is kept, when it is not finite.
  bool make_updates();
  /// Sends updates or pulls to every shard and brings the answers, over the emulated links.
  void begin_exchange(sync::action what);
  /// Begins the next leg, of `bytes` to carry.
  void travel(leg next, std::uint64_t bytes);
  void pass_server_link(std::uint64_t bytes);
  void after(sync::seconds delay);
  void next_leg();
  void send_requests();
  void request_shard(shard_id shard, int attempt);
  /// Whether the answers of the exchange under way carry fresh blocks.
  bool brings_values() const;
  bool take_values(const fresh& x);
  /// Brings what an overlapped commit has fetched into the local copy.
  void merge_answers();
  void shard_answered(const fresh& x);
  void shard_failed(shard_id shard, int attempt, const caf::error& why);
  void end_exchange();
  /// Forgets what belongs to parameters that have been given up.
  void start_afresh();

  /// What an emulated link delayed has arrived.
  void arrive(std::uint64_t exchange);

  /// Tells the scheduler how far this worker is.
  void report_progress();
  report current_report();
  /// Ends for good; what has not been reported is, and nobody answers.
  void leave();
  /// The same, but what has been learnt is committed before.
  void say_farewell();
  void commit_and_leave();

  void instruct(const sync::instruction& x);

  /// Seconds on this worker's clock since it was spawned.
  sync::seconds now() const;

  /// Books the time since the last change under the activity that ends.
  void enter(activity next);
  void book();

  worker_actor::pointer self;
  // Both are here and not elsewhere so that a step touches few places in memory.
  std::optional<worker_setup> setup;
  std::optional<replica> model_copy; ///< local parameters and the blocks they started from
  sync::progress progress;           ///< everything done so far
  worker_id id = 0;
  caf::actor_clock::time_point origin; ///< when the worker was spawned
  activity doing = activity::starting;
  sync::seconds doing_since = 0;
  sync::seconds exchange_began = 0;
  std::uint64_t exchange = 0; ///< number of the exchange under way or last
  sync::action exchanging = sync::action::pull;
  std::uint64_t pull_round = 0; ///< of the pull under way, the same at every shard
  bool exchanging_now = false;  ///< an exchange is under way
  bool overlapped = false;      ///< the worker trains while that one is under way
  leg where = leg::up;
  std::vector<encoded_block> updates;  ///< of the commit under way, a shard each
  std::uint32_t generation = 0;        ///< of the local parameters
  std::uint32_t oldest_answer = 0;     ///< oldest generation among the answers of this exchange
  std::uint32_t wanted_generation = 0; ///< the scheduler's
  std::vector<encoded_block> answers;  ///< to those of an overlapped commit, a shard each
  bool recovering = false;  ///< the pull under way is not the policy's: the old parameters are void
  bool update_void = false; ///< the last update was not finite
  int updates_void = 0;     ///< of these, in a row
  std::size_t unanswered = 0;               ///< shards that have not answered in this exchange
  std::uint64_t committed = 0;              ///< sequence number of the last commit begun
  bool ready = false;                       ///< the first parameters have come
  bool stale_base = false;                  ///< committed without fresh parameters
  std::vector<std::uint64_t> base_versions; ///< of the blocks last got, a shard each
  std::uint64_t steps_sent = 0; ///< what of `progress.steps` the last commit begun holds
  bool going = false;           ///< after the step or exchange under way it leaves
  bool blocked = false;         ///< the policy said wait; the next instruction may say more
};

worker_actor::behavior_type worker(worker_actor::stateful_pointer<worker_state> self,
                                   std::shared_ptr<worker_setup> setup);

} // namespace adsp
