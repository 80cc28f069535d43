// Decides how a node's part in a job ends: asked to leave, cut off from shards, told that the job
// is over, or because its workers end. No actor, no clock, no I/O: it returns what to do.
#pragma once

#include <utility>

namespace adsp {

/// What the end of a worker means for its node.
enum class worker_end {
  wait,    ///< nothing: `finish` or `end_cut_off` is still to come
  go,      ///< the node leaves, and this one may have been the last
  give_up, ///< the worker has lost its place in the job: the node's part is over
};

/// Invariants: workers are told to leave at most once for each cause; a node that is cut off gives
/// up only when the wait is over, whatever its workers do meanwhile, and one that leaves does not;
/// once a worker has been told that the job is over, every end of this part means the same.
class node_part {
public:
  /// The node is asked to leave. False: it was asked before.
  bool leave() { return !std::exchange(leaving_, true); }

  /// The connection to a node with shards has ended. Returns whether the workers must leave, so
  /// that nobody waits for them: at the end of a job they end before the shards do.
  bool lose_shards(bool has_workers) { return has_workers && !std::exchange(cut_off_, true); }

  /// The wait after `lose_shards` has passed without news. Returns whether the part is over.
  bool end_cut_off() const { return !leaving_; }

  /// A worker has ended: because it was told that the job is over (`job_over`), because it failed
  /// (`failed`), or by itself.
  worker_end lose_worker(bool job_over, bool failed) {
    if (leaving_)
      return worker_end::go;
    if (job_over) {
      job_over_ = true; // `finish` tells how it has ended
      return worker_end::wait;
    }
    // Cut off, a worker fails when it asks a shard before it hears that it has to leave.
    return failed && !cut_off_ ? worker_end::give_up : worker_end::wait;
  }

  bool leaving() const { return leaving_; }
  /// Whether the job is known to be over.
  bool job_over() const { return job_over_; }

private:
  bool leaving_ = false;  ///< it has been asked to
  bool cut_off_ = false;  ///< from shards, in the middle of the job
  bool job_over_ = false; ///< a worker has been told that it is
};

} // namespace adsp
