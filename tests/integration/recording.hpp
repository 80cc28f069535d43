// A recorder that keeps the rows in memory for the test to look at.
#pragma once

#include "tests/mock.hpp"

#include <memory>
#include <vector>

namespace adsp::test {

/// Read it only when the recorder has answered or the actor system stands still.
struct recording {
  std::vector<evaluation_record> evaluations;
  std::vector<worker_record> rows;
};

inline mock<recorder_actor> recorder(caf::event_based_actor* self,
                                     const std::shared_ptr<recording>& into) {
  return {
      [=](const evaluation_record& x) { into->evaluations.push_back(x); },
      [=](const worker_record& x) { into->rows.push_back(x); },
      [=](stop_atom) { self->quit(); },
  };
}

} // namespace adsp::test
