#include "sync/rate_search.hpp"

namespace adsp::sync {

void rate_search::begin(double, seconds now) {
  search_time_ = search_time(now);
  searching_ = true;
  rate_ = 1;
  before_.reset();
  window_.open(now);
}

void rate_search::observe(seconds when, double loss) {
  if (searching_)
    window_.observe(when, loss);
}

void rate_search::reopen(seconds now) {
  search_time_ = search_time(now);
  window_.open(now);
}

void rate_search::passed_barrier(seconds since, seconds now) {
  search_time_ += now - since;
  window_.open(now);
}

std::optional<double> rate_search::close(seconds now) {
  if (!searching_ || !window_.over(now))
    return std::nullopt;
  ++probes_;
  search_time_ += now - window_.began();
  const auto found = reward_(window_.samples());
  const bool better = !before_ || surely_better(found, *before_); // the first has none before it
  if (better && rate_ < max_rate_) {
    before_ = found;
    ++rate_;
  } else {
    searching_ = false;
    if (!better)
      --rate_; // the one before was the best: rewards had grown up to it
  }
  window_.open_next(now);
  return rate_;
}

} // namespace adsp::sync
