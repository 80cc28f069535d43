// Asks many workers one question, a limited number at a time.
#pragma once

#include "sync/types.hpp"

#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace adsp {

class roll_call {
public:
  /// Most questions open at a time: an actor keeps pending replies in a list, and finding one in a
  /// long list is slow.
  static constexpr std::size_t window = 64;

  roll_call() = default;

  /// `whom`: ids in increasing order.
  explicit roll_call(std::vector<sync::worker_id> whom) : whom_{std::move(whom)} {}

  /// The next worker to ask, in the order of the ids. Nothing while `window` questions are open, or
  /// once all have been asked.
  std::optional<sync::worker_id> next();

  /// The worker has answered, or never will: it is neither asked nor awaited any more. Ignores ids
  /// that are not on the list.
  void strike_off(sync::worker_id who);

  /// Workers that have neither answered nor been struck off.
  std::size_t missing() const { return asked_.size() + whom_.size() - next_; }
  bool complete() const { return missing() == 0; }

  /// One of the missing workers; there must be one.
  sync::worker_id first_missing() const { return asked_.empty() ? whom_[next_] : *asked_.begin(); }

private:
  std::vector<sync::worker_id> whom_; ///< in increasing order
  std::size_t next_ = 0;              ///< first in `whom_` not yet asked
  std::set<sync::worker_id> asked_;   ///< asked but have not answered
};

} // namespace adsp
