// The scheduler actor: passes messages to plain objects (who takes part, when to do what, what
// evaluations show, how the job ends) and sends what they decide. The policy decides what to tell
// each worker.
#pragma once

#include "actors/plan/job.hpp"
#include "actors/rights/access.hpp"
#include "actors/scheduler/appraisal.hpp"
#include "actors/scheduler/ending.hpp"
#include "actors/scheduler/muster.hpp"
#include "actors/scheduler/timetable.hpp"
#include "actors/scheduler/worker_links.hpp"
#include "actors/scheduler/worker_rows.hpp"
#include "messages/protocol.hpp"
#include "sync/membership.hpp"
#include "sync/policy.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace adsp {

struct scheduler_setup {
  job plan;
  std::uint64_t parameters = 0; ///< size of the model
  std::vector<shard_actor> shards;
  evaluator_actor evaluator;
  recorder_actor recorder;
  link_actor link; ///< of the parameter server; ends with the job; may be null
  /// Workers to begin with; 0: those of the plan that do not join later.
  std::size_t start_with = 0;
  /// Workers come and go as they like: a refused worker may ask again, a job without workers waits
  /// for the next one, and a worker that comes after the end is told so, until the scheduler is
  /// ended from outside.
  bool open = false;
  std::vector<node_actor> ps_nodes = {}; ///< nodes with shards: told whose commits to accept
  std::shared_ptr<access> rights = {};   ///< of other processes; null if there are none

  /// Takes a line when a worker is not welcomed and when the end of the job has to wait; may be
  /// null.
  std::function<void(const std::string&)> log = {};
};

struct scheduler_state {
  static inline const char* name = "scheduler";

  explicit scheduler_state(scheduler_actor::pointer selfptr) : self{selfptr} {}
  ~scheduler_state();

  void init(std::shared_ptr<scheduler_setup> given);

  // -- membership --

  caf::result<welcome> welcome_worker(const join& request, const worker_actor& handle);
  /// A refused worker does not ask again, unless the job is open: nobody waits for it.
  caf::error refuse(caf::error why);
  caf::result<sync::instruction> take_report(const report& counts);
  /// Takes the counts if they are plausible; otherwise the worker's process gets a strike.
  bool note(worker_id who, const sync::progress& counts);
  bool plausible(worker_id who, const sync::progress& counts) const;
  /// Whether `sender` may speak for the worker.
  bool speaks_for(worker_id who, const caf::strong_actor_ptr& sender) const;
  /// Tells every node with shards where the worker's commits come from, then answers.
  caf::result<welcome> welcome_when_permitted(const welcome& answer);
  /// An actor that this one monitors has ended.
  void actor_ended(const caf::down_msg& down);
  void peer_lost(const caf::node_id& peer);
  void worker_left(worker_id who, const caf::error& why);
  void shard_lost(const std::string& why);
  void evaluator_lost(const caf::error& why);
  void start_when_ready();
  void announce_rate();
  void send_released();
  /// Does what the policy has to do at `due`, and ends the rounds at the shards that are then over.
  void tick_policy(sync::seconds due);
  void close_round_at_shards(std::uint64_t round);
  sync::instruction instruction_of(worker_id who) const;

  // -- timers --

  /// Sets a timer for the next thing that is due.
  void arm();
  void check();
  void write_rows();
  void count_steps();
  /// Asks all present workers for their counts, some at a time, and calls `done` when all have
  /// answered or failed to.
  void ask_for_counts(std::function<void()> done);

  // -- evaluations --

  void evaluate();
  void take_evaluation(const evaluation& measured, const evaluation_record& at);
  /// Keeps a good state, returns from a bad one or ends the job. False: it did one of the latter
  /// two, and the loss is to be ignored.
  bool look_after(const evaluation& measured);
  void roll_back();
  void record(const evaluation& x, const evaluation_record& at);
  /// The counts and the policy's knobs now, for parameters that are current at `when`.
  evaluation_record counts_at(sync::seconds when) const;

  // -- end --

  /// Ends the job, unless it is ending.
  void end(end_cause cause);
  /// Carries out what `finish` decides; called after every input to it.
  void carry_on_end();
  void carry_out(end_action next);
  void ask_last_counts(worker_id who);
  void evaluate_last();
  void fetch_shard(shard_id shard);
  void fetch_measured();
  /// Logs whom the end waits for.
  void tell_awaited();
  void conclude();
  /// Ends this actor after its result has been delivered.
  void retire();
  caf::result<job_result> answer_result();

  job_status status() const;
  sync::seconds now() const; ///< training time; only meaningful once training has started
  bool training() const { return start.started() && !finish.begun(); }
  sync::seconds time() const { return start.started() ? now() : 0; } ///< 0 before the start

  scheduler_actor::pointer self;
  std::shared_ptr<scheduler_setup> setup; ///< shared only because `spawn` copies its arguments
  sync::membership members;
  std::unique_ptr<sync::scheduler_policy> policy; ///< reads `members`
  worker_links workers;                           ///< the members' actors
  muster start;
  caf::actor_clock::time_point origin; ///< when training started
  timetable times;
  worker_rows rows;
  appraisal evaluations;
  ending finish;
  std::uint64_t rate_revision = 0;
  std::vector<worker_id> released;                              ///< scratch of send_released
  std::optional<job_result> result;                             ///< from `end` on
  std::vector<caf::typed_response_promise<job_result>> waiting; ///< those that asked for the result
};

scheduler_actor::behavior_type scheduler(scheduler_actor::stateful_pointer<scheduler_state> self,
                                         std::shared_ptr<scheduler_setup> setup);

} // namespace adsp
