// The rows of workers.csv, one for each worker and check period. A plain object.
#pragma once

#include "messages/types.hpp"
#include "sync/membership.hpp"

#include <utility>
#include <vector>

namespace adsp {

class worker_rows {
public:
  /// The workers are being asked for their counts. False: they still are for the previous rows.
  bool begin() { return !std::exchange(asking_, true); }

  /// The rows of all present workers, once they have answered. `time`, `shown` and `asked` are as
  /// of the moment when they were asked; `asked`: commits that a policy with a timer has asked of
  /// every worker since the start.
  std::vector<worker_record> finish(const sync::membership& members, sync::seconds time,
                                    const sync::policy_status& shown, double asked);

private:
  bool asking_ = false;
  double asked_before_ = 0;            ///< `asked` of the previous rows
  std::vector<sync::progress> before_; ///< counts in the previous rows, indexed by worker_id
};

} // namespace adsp
