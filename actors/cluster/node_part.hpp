// How a node's part in a job ends: asked to leave, cut off from shards, told that the job is over, or
// by its workers' ends. Knows no actor, no clock and no I/O: it says what is to be done.
#pragma once

#include <utility>

namespace adsp {

/// What the end of a worker means to its node.
enum class worker_end {
  wait,    ///< nothing: `finish` has still to come
  go,      ///< the node leaves, and this one may have been the last
  give_up, ///< it has lost its place in the job: the node's part is over
};

/// Invariants: workers are told to leave at most once for each cause; who is leaving is never given
/// up for being cut off; once a worker has been told that the job is over every end of this part means
/// that, too.
class node_part {
public:
  /// The node is asked to leave. False: it has been already.
  bool leave() { return !std::exchange(leaving_, true); }

  /// The connection to a node with shards has ended. Whether the workers have to go, so that nobody
  /// waits for them: at the end of a job they end before the shards do.
  bool lose_shards(bool has_workers) { return has_workers && !std::exchange(cut_off_, true); }

  /// Nothing has been said for long enough after `lose_shards`. Whether the part is over.
  bool end_cut_off() const { return !leaving_; }

  /// A worker has ended: told that the job is over, for another reason that was none of its own
  /// choice (`failed`), or by itself.
  worker_end lose_worker(bool job_over, bool failed) {
    if (leaving_)
      return worker_end::go;
    if (job_over) {
      job_over_ = true; // how it has ended is told by `finish`
      return worker_end::wait;
    }
    return failed ? worker_end::give_up : worker_end::wait;
  }

  bool leaving() const { return leaving_; }
  /// Whether the job is known to be over.
  bool job_over() const { return job_over_; }

private:
  bool leaving_ = false;  ///< it has been asked to
  bool cut_off_ = false;  ///< from shards, in the middle of the job
  bool job_over_ = false; ///< a worker has been told so
};

} // namespace adsp
