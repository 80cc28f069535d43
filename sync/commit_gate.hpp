// Bounds how far workers may run ahead of the slowest: a worker may train while it has made fewer
// than min + staleness + 1 commits. Staleness 0 is a barrier.
#pragma once

#include "sync/membership.hpp"
#include "sync/types.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace adsp::sync {

/// Counts per worker, comparable between workers that joined at different times: a joiner starts
/// at the slowest worker's count, so it holds nobody back and has nothing to catch up.
class commit_gate {
public:
  /// `members`: who takes part; they outlive the gate. `staleness`: the bound s in commits;
  /// `unlimited` for none.
  commit_gate(const membership& members, std::uint64_t staleness)
      : members_{members}, staleness_{staleness} {}

  /// Opens the gate for all present workers; before that nobody may train.
  void start();

  /// The worker has just joined.
  void join(worker_id who);

  /// The worker has just left. True when that lets the slowest count grow.
  bool leave(worker_id who);

  /// Takes a worker's commits since its own start. Ignores counts smaller than the known one, and
  /// unknown ids. True when the slowest worker's count has grown.
  bool advance(worker_id who, std::uint64_t commits);

  /// The commits below which the worker may train, counted from its own start.
  std::uint64_t permitted(worker_id who) const;

  /// The round under way at a barrier: 1 until all have committed once. 0: the bound is no barrier.
  std::uint64_t round() const { return staleness_ == 0 ? min_ + 1 : 0; }

  /// Appends the workers that were stopped at the gate and may now go on, and forgets them.
  void take_released(std::vector<worker_id>& out);

  /// Whether the worker has joined and not left.
  bool known(worker_id who) const { return who < entries_.size() && members_.present(who); }

  /// Grows whenever any `permitted` may have changed.
  std::uint64_t revision() const { return revision_; }

private:
  struct entry {
    bool stopped = false;       ///< listed in stopped_
    bool released = false;      ///< listed in released_
    std::uint64_t baseline = 0; ///< count at which it joined
    std::uint64_t count = 0;    ///< baseline + its own commits; `nowhere` when it has left
  };

  bool may_train(const entry& x) const;
  void stop_or_pass(worker_id who);
  void release(worker_id who);
  bool drop(std::uint64_t count);
  /// Updates the slowest count and releases the workers it held up. True when it has grown.
  bool update_min();

  static constexpr std::uint64_t nowhere = unlimited;

  const membership& members_;
  std::uint64_t staleness_;
  bool started_ = false;
  std::uint64_t min_ = 0;
  std::uint64_t revision_ = 0;
  std::vector<entry> entries_;                    ///< indexed by worker_id
  std::map<std::uint64_t, std::size_t> at_count_; ///< how many workers have each count
  std::vector<worker_id> stopped_;
  std::vector<worker_id> released_;
};

} // namespace adsp::sync
