// The recorder actor: writes rows into the run directory.
#pragma once

#include "apps/run/run_directory.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <string>

namespace adsp::apps {

struct recorder_state {
  static inline const char* name = "recorder";

  /// Writes a row; after the first failure it writes nothing more.
  template <class Record>
  void write(const Record& record);

  std::shared_ptr<run_directory> directory;
  std::string trouble; ///< the first failure
};

recorder_actor::behavior_type recorder(recorder_actor::stateful_pointer<recorder_state> self,
                                       std::shared_ptr<run_directory> directory);

} // namespace adsp::apps
