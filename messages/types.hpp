// What actors send each other, as plain values. Below each struct, `inspect` says which fields are
// sent, and in which order: CAF calls it with one of its inspectors as `f` to write a message, read
// it or print it. A change there changes the wire: see tests/messages/samples.hpp.
#pragma once

#include "messages/blocks/encoded_block.hpp"
#include "messages/blocks/parameter_block.hpp"
#include "sync/types.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace adsp {

using sync::worker_id;

/// Number of a shard within one job: 0, 1, 2, ... in the order of the parameters it owns.
using shard_id = std::uint32_t;

/// Identifies a commit of a worker. A shard applies each at most once. A worker that joins again
/// gets a new id.
struct commit_id {
  worker_id worker = 0;
  std::uint64_t sequence = 0; ///< 1, 2, 3, ...
  bool operator==(const commit_id&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, commit_id& x) {
  return f(x.worker, x.sequence);
}

/// Worker to shard: the update accumulated since the last commit, for this shard's parameters.
struct push {
  commit_id id;
  shard_id shard = 0;
  bool pull = true;             ///< whether the reply brings the fresh block
  encoded_block update;         ///< U_i of the shard's parameters
  std::uint32_t generation = 0; ///< of the parameters that the update started from
  bool fp16 = false;            ///< whether the fresh block comes as fp16
  std::uint64_t base = 0;       ///< version of the block that the update started from
  std::uint64_t steps = 0;      ///< n: local steps that the update holds
  bool operator==(const push&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, push& x) {
  return f(x.id, x.shard, x.pull, x.update, x.generation, x.fp16, x.base, x.steps);
}

/// Worker or evaluator to shard: asks for the current block.
struct pull {
  shard_id shard = 0;
  bool candidate = false; ///< the returned block may become the state to return to (`keep`)
  bool fp16 = false;      ///< whether the block comes as fp16
  /// Under a barrier: the block that this round starts from; 0: the current one.
  std::uint64_t round = 0;
  bool operator==(const pull&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, pull& x) {
  return f(x.shard, x.candidate, x.fp16, x.round);
}

/// Shard to worker or evaluator.
struct fresh {
  shard_id shard = 0;
  std::uint64_t version = 0;    ///< grows whenever the shard's parameters change
  encoded_block values;         ///< fp32 or fp16; empty if the push did not ask for them
  std::uint32_t generation = 0; ///< grows when the shard returns to an earlier state
  double held = 0; ///< seconds that the commit has waited here for the end of its round
  bool operator==(const fresh&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, fresh& x) {
  return f(x.shard, x.version, x.values, x.generation, x.held);
}

/// Scheduler to shard: the factor eta applied to every update from now on.
struct server_rate {
  std::uint64_t revision = 0; ///< an older revision than the last seen is ignored
  double eta = 1;
  std::uint32_t workers = 1; ///< M, the number of workers that commit
  bool operator==(const server_rate&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, server_rate& x) {
  return f(x.revision, x.eta, x.workers);
}

/// Scheduler to shard: the round is over; move the parameters by what has arrived since the last
/// one, and answer.
struct close_round {
  std::uint64_t round = 0; ///< 1, 2, 3, ...; changes nothing if it is not larger than the last
  bool operator==(const close_round&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, close_round& x) {
  return f(x.round);
}

/// Scheduler to shard: go back to the parameters last kept. Updates of an earlier generation are
/// void.
struct restore {
  std::uint32_t generation = 0; ///< changes nothing if the shard is already in it
  bool operator==(const restore&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, restore& x) {
  return f(x.generation);
}

/// Worker to the parameter server's emulated link: asks to pass `bytes` over it.
struct transfer {
  bool to_server = true; ///< each direction has its own queue
  std::uint64_t bytes = 0;
  bool operator==(const transfer&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, transfer& x) {
  return f(x.to_server, x.bytes);
}

/// Worker to scheduler: asks to take part.
struct join {
  std::string name;             ///< of the worker, unique in the topology
  std::uint64_t parameters = 0; ///< size of the model it trains; must be the job's
  bool operator==(const join&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, join& x) {
  return f(x.name, x.parameters);
}

/// Scheduler to worker: the worker takes part under this id.
struct welcome {
  worker_id worker = 0;
  sync::instruction instruction;
  bool operator==(const welcome&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, welcome& x) {
  return f(x.worker, x.instruction);
}

/// Worker to scheduler, when it has the first parameters, after every commit, when asked, and when
/// it leaves: its cumulative counts.
struct report {
  worker_id worker = 0;
  sync::progress progress;
  bool operator==(const report&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, report& x) {
  return f(x.worker, x.progress);
}

/// Evaluator to scheduler: how good the parameters are on held-out data.
struct evaluation {
  double loss = 0;           ///< mean over the held-out samples
  double accuracy = 0;       ///< share of correct predictions; NaN for a regression
  std::uint64_t version = 0; ///< smallest version among the shards' blocks
  bool operator==(const evaluation&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, evaluation& x) {
  return f(x.loss, x.accuracy, x.version);
}

/// Scheduler to recorder, once per evaluation: a row of metrics.csv.
struct evaluation_record {
  double seconds = 0; ///< training time at which the parameters were current
  double loss = 0;
  double accuracy = 0;
  std::uint64_t steps = 0;
  std::uint64_t commits = 0;
  std::uint64_t bytes = 0;
  double commit_rate = 0;        ///< dC in force; 0 for policies without a timer
  std::uint32_t local_steps = 0; ///< tau in force
  bool operator==(const evaluation_record&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, evaluation_record& record) {
  return f(record.seconds, record.loss, record.accuracy, record.steps, record.commits, record.bytes,
           record.commit_rate, record.local_steps);
}

/// Scheduler to recorder, once per worker and check period: a row of workers.csv.
struct worker_record {
  double seconds = 0; ///< training time of the check
  worker_id worker = 0;
  std::string name;
  sync::progress progress;      ///< cumulative
  double commit_target = 0;     ///< C_target at the next checkpoint; 0 for policies without a timer
  double commit_rate = 0;       ///< dC in force, as in metrics.csv
  double implicit_momentum = 0; ///< of the whole topology in the check period
  bool operator==(const worker_record&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, worker_record& record) {
  return f(record.seconds, record.worker, record.name, record.progress, record.commit_target,
           record.commit_rate, record.implicit_momentum);
}

/// Why a job ended.
enum class end_reason : std::uint8_t {
  target_reached, ///< the target of [evaluation]
  max_time,       ///< [job] max_time
  max_steps,      ///< [job] max_steps
  interrupted,    ///< the user asked for it
  failed,         ///< a required actor has failed, or no worker is left
};

/// What one worker did over the whole job.
struct worker_summary {
  std::string name;
  sync::progress progress;
  double lifetime = 0; ///< seconds from its start of training to its end
  bool left = false;   ///< it left or failed before the job ended
  bool operator==(const worker_summary&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, worker_summary& x) {
  return f(x.name, x.progress, x.lifetime, x.left);
}

/// Scheduler to whoever waits for the end of the job.
struct job_result {
  end_reason reason = end_reason::failed;
  std::string text;              ///< for `failed`: what failed
  double duration = 0;           ///< seconds of training
  double time_to_target = 0;     ///< seconds; 0 if no target was reached
  evaluation_record last;        ///< of the final parameters; if interrupted, the last one made
  std::uint64_t evaluations = 0; ///< if 0, `last` is meaningless
  sync::progress total;          ///< of all workers, until the end
  double search_time = 0;        ///< seconds spent in commit-rate probes and their barriers
  std::uint32_t rollbacks = 0;   ///< returns to an earlier state
  std::vector<worker_summary> workers;
  /// In order: one block for each shard; if a shard is lost, one block of the parameters measured
  /// last, or none.
  std::vector<parameter_block> parameters;
  bool operator==(const job_result&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, job_result& result) {
  return f(result.reason, result.text, result.duration, result.time_to_target, result.last,
           result.evaluations, result.total, result.search_time, result.rollbacks, result.workers,
           result.parameters);
}

/// Scheduler to whoever shows progress.
struct job_status {
  double seconds = 0;
  evaluation_record last; ///< the latest evaluation; loss 0 and accuracy 0 before the first
  std::uint64_t evaluations = 0;
  sync::progress total;      ///< sum over the workers
  std::uint32_t workers = 0; ///< taking part now
  double commit_rate = 0;
  bool searching = false;
  bool ended = false;
  bool operator==(const job_status&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, job_status& status) {
  return f(status.seconds, status.last, status.evaluations, status.total, status.workers,
           status.commit_rate, status.searching, status.ended);
}

} // namespace adsp
