#include "sync/commit_search.hpp"

#include <cmath>

namespace adsp::sync {

void loss_window::open(seconds now) {
  began_ = now;
  samples_.clear();
}

void loss_window::observe(seconds when, double loss) {
  if (std::isfinite(loss) && when >= began_)
    samples_.push_back({when - began_, loss});
}

bool loss_window::over(seconds now) const {
  return complete() || now >= deadline();
}

void loss_window::open_next(seconds now) {
  std::optional<double> last;
  if (complete())
    last = samples_.back().loss;
  open(now);
  if (last)
    samples_.push_back({0, *last});
}

void commit_search::observe(seconds when, double loss) {
  if (busy())
    window_.observe(when, loss);
}

void commit_search::reopen(seconds now) {
  search_time_ = search_time(now);
  window_.open(now);
}

void commit_search::passed_barrier(seconds since, seconds now) {
  search_time_ += now - since;
  window_.open(now);
}

void commit_search::count_probe(seconds now) {
  ++probes_;
  search_time_ += now - window_.began();
}

} // namespace adsp::sync
