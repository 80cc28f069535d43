// The scheduler actor: membership, timers, evaluations and the end of the job. What to tell whom is
// the policy's business.
#pragma once

#include "actors/plan/job.hpp"
#include "actors/rights/access.hpp"
#include "messages/protocol.hpp"
#include "sync/divergence.hpp"
#include "sync/policy.hpp"
#include "sync/step_limit.hpp"
#include "sync/stop_rule.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace adsp {

struct scheduler_setup {
  job plan;
  std::uint64_t parameters = 0; ///< size of the model
  std::vector<shard_actor> shards;
  evaluator_actor evaluator;
  recorder_actor recorder;
  link_actor link; ///< of the parameter server, to be ended with the job; may be none
  std::size_t start_with =
      0; ///< workers to begin with; 0: those of the plan that do not join later
  /// Workers come and go as they like: who is refused may come again, nobody being there is no
  /// reason to end, and who comes after the end is told so, until somebody ends the scheduler.
  bool open = false;
  std::vector<node_actor> gates = {};  ///< of other processes' shards: have to be told who commits
  std::shared_ptr<access> rights = {}; ///< of other processes; none: there are none

  /// Takes a line when the end of the job has to wait; none: it waits without a word.
  std::function<void(const std::string&)> log = {};
};

/// A worker that has joined.
struct member {
  std::string name;
  worker_actor handle;
  sync::progress progress;     ///< the largest counts seen
  sync::progress sampled;      ///< at the last row of workers.csv
  sync::seconds joined_at = 0; ///< training time
  sync::seconds left_at = 0;   ///< training time
  bool present = true;
  bool ready = false;                      ///< it has the first parameters
  caf::actor_clock::time_point since = {}; ///< when it has joined
};

/// Whom `ask_everybody` has still to ask, and what comes then.
struct roll_call : std::enable_shared_from_this<roll_call> {
  std::vector<worker_id> whom; ///< growing
  std::size_t next = 0;        ///< first not yet asked
  std::set<worker_id> asked;   ///< and have not answered
  std::function<void()> done;
  std::function<void()> go_on; ///< asks as many as may wait at a time

  std::size_t missing() const { return asked.size() + whom.size() - next; }
  /// One of those who are missing, if anybody is.
  worker_id first_missing() const { return asked.empty() ? whom[next] : *asked.begin(); }
  void answered(worker_id who);
  /// That one will not answer.
  void strike_off(worker_id who);
};

struct scheduler_state {
  static inline const char* name = "scheduler";

  explicit scheduler_state(scheduler_actor::pointer selfptr) : self{selfptr} {}
  ~scheduler_state();

  void init(std::shared_ptr<scheduler_setup> x);

  // -- membership --

  caf::result<welcome> admit(const join& x, const worker_actor& handle);
  /// Whoever is refused does not ask again, and is not waited for.
  caf::error refuse(caf::error why);
  caf::result<sync::instruction> take_report(const report& x);
  /// Takes the counts if they can be; if not it is counted against the worker's process.
  bool note(worker_id who, const sync::progress& x);
  bool plausible(const member& who, const sync::progress& x) const;
  /// Whether `sender` may speak for the worker.
  bool speaks_for(worker_id who, const caf::strong_actor_ptr& sender) const;
  /// Tells every process with shards where the worker's commits come from, then answers.
  caf::result<welcome> welcome_when_permitted(welcome answer, const worker_actor& handle);
  void lost(const caf::down_msg& x);
  /// A process is not heard of any more.
  void lost_peer(const caf::node_id& peer);
  bool is_shard(const caf::actor_addr& x) const;
  bool has_shards(const caf::node_id& peer) const;
  void worker_gone(worker_id who, const caf::error& why);
  /// Once as many workers as expected have the first parameters: nobody starts from what others
  /// have already changed.
  void start_when_ready();
  void announce_rate();
  void send_released();

  // -- timers --

  /// Wakes this actor at the earliest of the policy's tick, the next table row and the end.
  void arm();
  void check();
  void sample_workers();
  void count_steps();

  /// Asks every member present for its counts, some at a time: the replies that an actor waits for
  /// stand in a list, and finding one in a long list is slow. Calls `done` when all have answered
  /// or failed to.
  template <class Atom, class Timeout, class Done>
  std::shared_ptr<roll_call> ask_everybody(Atom what, Timeout timeout, Done done);
  void evaluate();
  void take_evaluation(const evaluation& x, const evaluation_record& at);
  /// `asked`: commits that a timer's policy has asked every worker for since the samples before.
  void write_samples(sync::seconds time, const sync::policy_status& shown, double asked);

  /// Keeps a good state, returns to it from a bad one or ends the job. False: it did one of the
  /// latter two, and the loss says nothing more.
  bool look_after(const evaluation& x);
  void roll_back();
  sync::instruction instruction_of(worker_id who) const;

  // -- end --

  void end(end_reason why, std::string text = {});
  /// `lost` and `lost_peer` once the job has ended: nobody waits for what cannot come any more.
  void lost_at_end(const caf::down_msg& x);
  void lost_peer_at_end(const caf::node_id& peer);
  /// The parameters are incomplete from now on.
  void give_up_shards(const std::string& why);
  /// Says for whom the end still waits a moment from now.
  void tell_later();
  void tell_awaited();
  void evaluate_final();
  /// Fetches the model of the result: the average, or what the shards hold.
  void pull_final();
  void pull_shards();
  void take_final(shard_id shard, const fresh& x);
  /// Fetches the parameters measured last: the average, or those of now are incomplete.
  void take_measured();
  void take_model(const parameter_block& measured);
  void conclude();
  /// Ends this actor, whose result has been taken.
  void retire();
  caf::result<job_result> answer_result();

  job_status status() const;
  /// The counts and the policy's knobs now, for parameters that are current at `when`.
  evaluation_record counts_at(sync::seconds when) const;
  void record(const evaluation& x, const evaluation_record& at);
  sync::seconds now() const;
  bool training() const { return started && !ended; }

  scheduler_actor::pointer self;
  std::shared_ptr<scheduler_setup> setup; ///< shared only to pass through spawn
  std::unique_ptr<sync::scheduler_policy> policy;
  std::optional<sync::stop_rule> rule;
  sync::step_limit steps_left{0};
  std::vector<member> members;                             ///< indexed by worker_id
  std::unordered_map<caf::actor_addr, worker_id> by_actor; ///< members present
  std::size_t present = 0;                                 ///< members present
  std::size_t ready = 0;                                   ///< of these, with the first parameters
  sync::progress total;                                    ///< sum over all members
  std::unordered_set<std::string> names;                   ///< of members present
  std::size_t expected = 0;                                ///< workers to start with
  std::size_t to_come = 0;                                 ///< workers that have not joined yet
  sync::divergence_guard guard;
  std::uint32_t generation = 0; ///< returns to an earlier state so far
  bool shards_lost = false;     ///< the parameters are incomplete
  bool diverged = false;        ///< the end is that: the last good state is the result
  std::uint64_t rate_revision = 0;
  bool started = false;
  bool ended = false;
  caf::actor_clock::time_point origin;   ///< when training started
  sync::seconds armed_for = sync::never; ///< when `check` comes next
  sync::seconds next_sample = 0;         ///< when the next rows of workers.csv are due
  double asked_at_sample = 0;            ///< commits that the policy had asked for at the last rows
  bool sampling = false;                 ///< the workers are being asked for the next rows
  bool evaluating = false;               ///< an evaluation is under way
  bool final_due = false;                ///< the final evaluation waits for the one under way
  evaluation_record last;
  std::uint64_t evaluations = 0;
  std::vector<worker_id> released;      ///< scratch of send_released
  std::shared_ptr<roll_call> last_call; ///< from `end` on: whose last counts have still to come
  bool counted = false;                 ///< they have all come, or will not
  caf::actor_clock::time_point tell_at = caf::actor_clock::time_point::max(); ///< `tell_later`
  std::size_t finals_missing = 0;                               ///< answers outstanding at the end
  std::optional<job_result> result;                             ///< from `end` on
  bool concluded = false;                                       ///< `result` is complete
  std::vector<caf::typed_response_promise<job_result>> waiting; ///< who asked for the result
};

/// Those who have still to answer before a worker is welcome.
struct pending_welcome {
  welcome answer;
  std::size_t waiting = 0;
  caf::typed_response_promise<welcome> promise;
};

template <class Atom, class Timeout, class Done>
std::shared_ptr<roll_call> scheduler_state::ask_everybody(Atom what, Timeout timeout, Done done) {
  constexpr std::size_t at_a_time = 64;
  auto roll = std::make_shared<roll_call>();
  for (worker_id id = 0; id < members.size(); ++id)
    if (members[id].present)
      roll->whom.push_back(id);
  roll->done = std::move(done);
  roll->go_on = [this, what, timeout, x = roll.get()] {
    // Whoever holds the call keeps it alive: the answers do.
    const auto self_owned = x->shared_from_this();
    while (x->asked.size() < at_a_time && x->next < x->whom.size()) {
      const auto id = x->whom[x->next++];
      x->asked.insert(id);
      self->request(members[id].handle, timeout, what)
          .then(
              [this, id, self_owned](const report& counts) {
                note(id, counts.progress);
                self_owned->answered(id);
              },
              [id, self_owned](const caf::error&) { self_owned->answered(id); });
    }
    if (x->missing() == 0 && x->done)
      std::exchange(x->done, nullptr)();
  };
  roll->go_on();
  return roll;
}

scheduler_actor::behavior_type scheduler(scheduler_actor::stateful_pointer<scheduler_state> self,
                                         std::shared_ptr<scheduler_setup> setup);

} // namespace adsp
