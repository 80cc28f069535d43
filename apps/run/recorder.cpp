#include "apps/run/recorder.hpp"

namespace adsp::apps {

template <class Record>
void recorder_state::write(const Record& record) try {
  if (trouble.empty())
    directory->add(record);
} catch (const std::exception& error) {
  trouble = error.what();
}

recorder_actor::behavior_type recorder(recorder_actor::stateful_pointer<recorder_state> self,
                                       std::shared_ptr<run_directory> directory) {
  self->state.directory = std::move(directory);
  return {
      [self](const evaluation_record& x) { self->state.write(x); },
      [self](const worker_record& x) { self->state.write(x); },
      [self](stop_atom) -> caf::result<void> {
        self->quit();
        if (!self->state.trouble.empty())
          return make_error(ec::not_written, self->state.trouble);
        return caf::unit;
      },
  };
}

} // namespace adsp::apps
