// The workers of a job and their progress: the one list that the scheduler keeps and the policies
// read.
#pragma once

#include "sync/types.hpp"

#include <cstddef>
#include <string>
#include <unordered_set>
#include <vector>

namespace adsp::sync {

/// A worker that has joined. A worker that leaves stays in the list; when it comes back, it becomes
/// another member.
struct member {
  std::string name;      ///< of the worker; no two members present have the same
  progress done;         ///< the largest counts reported
  seconds joined_at = 0; ///< training time
  seconds left_at = 0;   ///< training time; 0 while present
  bool present = true;
  bool ready = false; ///< has the first parameters
};

/// The members by their ids, with sums that always agree with them.
class membership {
public:
  /// Whether a member present has that name.
  bool has(const std::string& name) const { return names_.contains(name); }

  /// Adds a worker; no present member may have its name. Its id is the number of members before it.
  worker_id join(std::string name, seconds now);

  /// The member has its first parameters. False: it was ready, or is not present.
  bool make_ready(worker_id who);

  /// Takes a member's counts. Counts smaller than the known ones are ignored: reports may be late
  /// or repeated.
  void report(worker_id who, const progress& counts);

  /// The member leaves. False: it is not present.
  bool leave(worker_id who, seconds now);

  bool present(worker_id who) const { return who < members_.size() && members_[who].present; }
  const member& operator[](worker_id who) const { return members_[who]; }

  /// All who have ever joined, in the order of their ids.
  const std::vector<member>& all() const { return members_; }
  std::vector<worker_id> ids_present() const;

  std::size_t present_count() const { return present_; }
  std::size_t ready_count() const { return ready_; } ///< of those present
  const progress& total() const { return total_; }   ///< of all who have ever joined

private:
  std::vector<member> members_; ///< indexed by worker_id
  std::unordered_set<std::string> names_;
  std::size_t present_ = 0;
  std::size_t ready_ = 0;
  progress total_;
};

} // namespace adsp::sync
