// Decides who may be a member of a cluster, or why a hello is refused, from the rules of the job,
// its present members and its stage. No actor, no clock, no I/O.
#pragma once

#include "actors/cluster/member_id.hpp"
#include "messages/node_types.hpp"
#include "security/allow_list.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace adsp {

/// What a job requires of its nodes.
struct admission_rules {
  std::string job;               ///< its name
  std::vector<setting> settings; ///< that every node must share, sorted by key
  std::uint64_t fingerprint = 0; ///< of the settings
  std::uint32_t ps_nodes = 1;    ///< number of nodes with shards
  security::allow_list allow;    ///< without rules every node may take every role
};

/// The origin of a hello, as the transport knows it.
struct hello_origin {
  std::string process;    ///< its id
  bool here = false;      ///< this process itself, which needs no proof of identity
  bool connected = false; ///< over a connection that still exists
  std::string
      certificate; ///< the node's name in the certificate of that connection; empty without TLS
};

/// A node that has been admitted.
struct cluster_member {
  hello who;           ///< without its settings: they are the job's
  std::string process; ///< id of its process
};

enum class refusal_reason : std::uint8_t {
  job_failed,
  job_ended,
  too_long,          ///< the hello
  bad_name,          ///< invalid, of the node or a worker
  bad_address,       ///< invalid, where workers would reach it
  other_protocol,    ///< it speaks another version
  other_settings,    ///< its config differs
  role_not_allowed,  ///< according to the allow list
  node_taken,        ///< a member has the node's name
  worker_taken,      ///< a member has a worker of that name
  process_taken,     ///< its process is a member already
  enough_shards,     ///< the job has all its nodes with shards
  not_connected,     ///< the connection has ended
  other_certificate, ///< its verified certificate is of another node
};

struct refusal {
  refusal_reason reason;
  std::string text; ///< what is wrong, for the user
};

/// Whether the reason is temporary, so that an honest node tries again.
bool may_pass(refusal_reason reason);

/// The keys in which two sorted lists of settings differ, separated by commas; empty if they are
/// equal.
std::string differing_keys(const std::vector<setting>& left, const std::vector<setting>& right);

/// Invariants, for any input in any order: no two members share a name, a worker's name or a
/// process; an id is never given again; at most `ps_nodes` members serve; with TLS each member is
/// the node named in its certificate; nobody is admitted once shards are lost or the job is ending;
/// whoever is refused then hears the job's outcome once it has one.
class admission {
public:
  explicit admission(admission_rules rules = {}) : rules_{std::move(rules)} {}

  /// Why the node cannot be a member now; nothing if it can.
  std::optional<refusal> objection(const hello& greeting, const hello_origin& origin) const;

  /// Makes a member of a node to which there is no objection.
  member_id admit(const hello& greeting, std::string process);
  /// The member has left, is lost or has been dropped.
  void remove(member_id who) { members_.erase(who); }

  const std::map<member_id, cluster_member>& members() const { return members_; }
  const cluster_member* find(member_id who) const;
  /// Members with shards.
  std::size_t serving() const;

  // The stages of the job that matter to newcomers; they only advance.

  /// A node with shards is lost during the job, which makes it fail.
  void lose_shards() { shards_lost_ = true; }
  /// The job is ending. False: it already was.
  bool begin_end();
  /// The job has ended with this outcome.
  void end(finish outcome);

  bool ending() const { return stage_ != stage::open; }
  bool ended() const { return stage_ == stage::ended; }

private:
  enum class stage : std::uint8_t { open, ending, ended };

  std::optional<refusal> objection_of_job() const;
  std::optional<refusal> objection_to_form(const hello& greeting) const;
  std::optional<refusal> objection_of_members(const hello& greeting,
                                              const hello_origin& origin) const;

  admission_rules rules_;
  std::map<member_id, cluster_member> members_;
  member_id last_ = 0;
  stage stage_ = stage::open;
  bool shards_lost_ = false;
  finish outcome_; ///< of a job that has ended
};

} // namespace adsp
