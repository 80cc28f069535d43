// The whole protocol: every typed actor of a topology and every message it takes. Change this page
// before changing an actor.
#pragma once

#include "messages/block_bytes.hpp"
#include "messages/errors.hpp"
#include "messages/inspect_sync.hpp"
#include "messages/node_types.hpp"
#include "messages/types.hpp"

#include <caf/atom.hpp>
#include <caf/node_id.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

namespace adsp {

using step_atom = caf::atom_constant<caf::atom("step")>;     ///< a worker's step is over
using arrive_atom = caf::atom_constant<caf::atom("arrive")>; ///< data came over an emulated link
using check_atom = caf::atom_constant<caf::atom("check")>;   ///< a timer of the scheduler is due
using evaluate_atom = caf::atom_constant<caf::atom("evaluate")>; ///< measure the current parameters
using slice_atom = caf::atom_constant<caf::atom("slice")>;       ///< next part of an evaluation
using join_atom = caf::atom_constant<caf::atom("join")>;         ///< it is time to join
using leave_atom = caf::atom_constant<caf::atom("leave")>;       ///< it is time to leave
using farewell_atom = caf::atom_constant<caf::atom("farewell")>; ///< leave, but lose no steps
using keep_atom = caf::atom_constant<caf::atom("keep")>;         ///< the candidate is a good state
using report_atom = caf::atom_constant<caf::atom("report")>;     ///< report your counts
using stop_atom = caf::atom_constant<caf::atom("stop")>;         ///< stop what you are doing
using status_atom = caf::atom_constant<caf::atom("status")>;     ///< show the job's status
using permit_atom = caf::atom_constant<caf::atom("permit")>; ///< a worker may commit from a node
using alive_atom = caf::atom_constant<caf::atom("alive")>;   ///< confirm that you are alive
using connected_atom = caf::atom_constant<caf::atom("connected")>; ///< check who has connected
using cut_off_atom = caf::atom_constant<caf::atom("cut_off")>; ///< the wait when cut off is over
using lost_atom = caf::atom_constant<caf::atom("lost")>;       ///< a process of the cluster is lost
using revoke_atom = caf::atom_constant<caf::atom("revoke")>;   ///< a process loses its rights
using dropped_atom = caf::atom_constant<caf::atom("dropped")>; ///< a process has misbehaved
using result_atom = caf::atom_constant<caf::atom("result")>;   ///< answer when the job has ended

/// Owns consecutive parameters.
using shard_actor = caf::typed_actor<
    // Applies the update once per commit id (W <- W - eta U) and answers with the version and, if
    // asked, the fresh block; with rounds, at the end of the round. Errors: wrong_shard, wrong_size, not_finite, bad_bytes.
    caf::replies_to<push>::with<fresh>,
    // Answers with the current block. Error: wrong_shard.
    caf::replies_to<pull>::with<fresh>,
    // Takes a new eta; older revisions are ignored.
    caf::reacts_to<server_rate>,
    // Ends a round: moves the parameters by its commits and answers these.
    caf::reacts_to<close_round>,
    // Makes the block last handed out to a pull with `candidate` the one to return to.
    caf::reacts_to<keep_atom>,
    // Returns to the block kept.
    caf::reacts_to<restore>>;

/// The emulated link of the parameter server to the network: transfers wait for earlier ones.
using link_actor = caf::typed_actor<
    // Puts a transfer into the queue of its direction; answers with the seconds until it has
    // passed.
    caf::replies_to<transfer>::with<double>>;

/// Trains on its own share of the data.
using worker_actor = caf::typed_actor<
    // From itself: it is time to join.
    caf::reacts_to<join_atom>,
    // From itself: it is time to leave, even if busy.
    caf::reacts_to<leave_atom>,
    // From its node: leaves after what is under way and after a commit of its outstanding steps.
    caf::reacts_to<farewell_atom>,
    // The scheduler's latest instruction for this worker.
    caf::reacts_to<sync::instruction>,
    // From itself: the step in flight is over.
    caf::reacts_to<step_atom>,
    // From itself: data delayed by an emulated link has arrived; the number is that of the
    // exchange.
    caf::reacts_to<arrive_atom, std::uint64_t>,
    // Answers with its counts up to this moment.
    caf::replies_to<report_atom>::with<report>,
    // Stops training for good and answers with its final counts.
    caf::replies_to<stop_atom>::with<report>>;

/// Measures parameters on held-out data.
using evaluator_actor = caf::typed_actor<
    // Fetches the current parameters and answers with their loss and accuracy. A second request
    // while one is under way gets the error busy.
    caf::replies_to<evaluate_atom>::with<evaluation>,
    // From itself: the next part of the held-out data.
    caf::reacts_to<slice_atom>,
    // Answers with the parameters measured last, of all shards end to end; empty before the first
    // evaluation.
    caf::replies_to<result_atom>::with<parameter_block>>;

/// Writes the rows of a run's files. Rows arrive in the order of time.
using recorder_actor = caf::typed_actor<
    // An evaluation has been made.
    caf::reacts_to<evaluation_record>,
    // A check period of one worker is over.
    caf::reacts_to<worker_record>,
    // The job has ended; answers when all earlier rows are on disk. Error: not_written.
    caf::reacts_to<stop_atom>>;

/// Leads one job.
using scheduler_actor = caf::typed_actor<
    // A worker asks to take part. Errors: wrong_size, name_taken, job_ended.
    caf::replies_to<join, worker_actor>::with<welcome>,
    // A worker has committed or leaves; answers with its instruction. Errors: unknown_worker,
    // not_permitted.
    caf::replies_to<report>::with<sync::instruction>,
    // From itself: a timer is due.
    caf::reacts_to<check_atom>,
    // From itself: an evaluation is due.
    caf::reacts_to<evaluate_atom>,
    // Answers with the job's status.
    caf::replies_to<status_atom>::with<job_status>,
    // Answers once the job has ended.
    caf::replies_to<result_atom>::with<job_result>,
    // The process is lost: so its workers have left, and its shards are lost.
    caf::reacts_to<lost_atom, caf::node_id>,
    // Ends the job as interrupted.
    caf::reacts_to<stop_atom>,
    // The same; the text gives the reason.
    caf::reacts_to<stop_atom, std::string>>;

/// Marks the port of a node with the role ps: CAF needs an actor there for others to connect to.
using port_marker_actor = caf::typed_actor<
    // Answers.
    caf::replies_to<alive_atom>::with<alive_atom>>;

struct work;

/// Represents one process of a cluster that hosts shards or workers.
using node_actor = caf::typed_actor<
    // Answers, so that the registrar knows that the node is alive.
    caf::replies_to<alive_atom>::with<alive_atom>,
    // From itself: checks whether the registrar has been heard from.
    caf::reacts_to<check_atom>,
    // From itself: checks whether the other nodes with shards have connected.
    caf::reacts_to<connected_atom>,
    // From itself: it has been cut off from a node with shards for long enough; ends its part.
    caf::reacts_to<cut_off_atom>,
    // Spawns a shard and answers with it. Error: not_permitted.
    caf::replies_to<host>::with<shard_actor>,
    // Lets a worker commit to the shards here, from a process with a certificate of this name
    // (empty: without TLS). Error: not_permitted.
    caf::reacts_to<permit_atom, worker_id, caf::node_id, std::string>,
    // Revokes the rights of a lost process here.
    caf::reacts_to<revoke_atom, caf::node_id>,
    // Spawns the node's workers.
    caf::reacts_to<work>,
    // The job is over: ends, and so do its actors.
    caf::reacts_to<finish>,
    // Leaves the cluster and ends, once its workers have committed their steps and, if it has
    // shards, once the job has ended.
    caf::reacts_to<leave_atom>>;

/// Registrar to a node with workers: the actors they work with. Connect to the addresses first.
struct work {
  scheduler_actor scheduler;
  std::vector<shard_actor> shards;    ///< all of them, in order
  std::vector<std::string> addresses; ///< "host:port" of nodes with shards
  bool operator==(const work&) const = default;
};

template <class F>
decltype(auto) inspect(F& f, work& x) {
  return f(x.scheduler, x.shards, x.addresses);
}

/// Admits nodes to a cluster, places the shards, starts the job, and notices lost nodes.
using registrar_actor = caf::typed_actor<
    // A node wants to be a member of the cluster. Errors: not_trusted, wrong_size (too long),
    // config_differs, name_taken, not_permitted, job_ended, job_failed.
    caf::replies_to<hello, node_actor>::with<admitted>,
    // A node with shards has dropped this process for misbehaviour: it is excluded from the job.
    caf::reacts_to<dropped_atom, caf::node_id>,
    // From itself: asks every node for a sign of life.
    caf::reacts_to<check_atom>,
    // Answers with what the cluster waits for, empty once the job has begun, and the scheduler,
    // null before that.
    caf::replies_to<status_atom>::with<std::string, scheduler_actor>,
    // A node with the role ps is about to leave: ends the job, which would otherwise lose these
    // shards, and answers with finish; at once if there is no job.
    caf::reacts_to<leave_atom, node_actor>,
    // From its own process: the job is ending; nobody is admitted any more.
    caf::reacts_to<stop_atom>,
    // The job has ended with this outcome; answers when every node has been told. Error:
    // not_permitted.
    caf::reacts_to<finish>>;

} // namespace adsp

// The types that messages consist of. On the wire they are identified by name, so their order here
// is free, but renaming one makes it another type for the other side: then raise protocol_version.
CAF_BEGIN_TYPE_ID_BLOCK(adsp, caf::first_custom_type_id)

CAF_ADD_TYPE_ID(adsp, (adsp::parameter_block))
CAF_ADD_TYPE_ID(adsp, (adsp::sync::progress))
CAF_ADD_TYPE_ID(adsp, (adsp::sync::instruction))
CAF_ADD_TYPE_ID(adsp, (adsp::commit_id))
CAF_ADD_TYPE_ID(adsp, (adsp::push))
CAF_ADD_TYPE_ID(adsp, (adsp::pull))
CAF_ADD_TYPE_ID(adsp, (adsp::fresh))
CAF_ADD_TYPE_ID(adsp, (adsp::server_rate))
CAF_ADD_TYPE_ID(adsp, (adsp::join))
CAF_ADD_TYPE_ID(adsp, (adsp::welcome))
CAF_ADD_TYPE_ID(adsp, (adsp::report))
CAF_ADD_TYPE_ID(adsp, (adsp::evaluation))
CAF_ADD_TYPE_ID(adsp, (adsp::evaluation_record))
CAF_ADD_TYPE_ID(adsp, (adsp::worker_record))
CAF_ADD_TYPE_ID(adsp, (adsp::job_result))
CAF_ADD_TYPE_ID(adsp, (adsp::job_status))
CAF_ADD_TYPE_ID(adsp, (adsp::worker_actor))
CAF_ADD_TYPE_ID(adsp, (adsp::close_round))
CAF_ADD_TYPE_ID(adsp, (adsp::restore))
CAF_ADD_TYPE_ID(adsp, (adsp::transfer))
CAF_ADD_TYPE_ID(adsp, (adsp::encoded_block))
CAF_ADD_TYPE_ID(adsp, (adsp::hello))
CAF_ADD_TYPE_ID(adsp, (adsp::admitted))
CAF_ADD_TYPE_ID(adsp, (adsp::host))
CAF_ADD_TYPE_ID(adsp, (adsp::finish))
CAF_ADD_TYPE_ID(adsp, (adsp::shard_actor))
CAF_ADD_TYPE_ID(adsp, (adsp::scheduler_actor))
CAF_ADD_TYPE_ID(adsp, (adsp::node_actor))
CAF_ADD_TYPE_ID(adsp, (adsp::registrar_actor))
CAF_ADD_TYPE_ID(adsp, (adsp::work))

CAF_END_TYPE_ID_BLOCK(adsp)
