#include "sync/rate_search.hpp"

namespace adsp::sync {

void rate_search::begin(double, seconds now) {
  reopen(now);
  searching_ = true;
  rate_ = 1;
  before_.reset();
}

std::optional<double> rate_search::close(seconds now) {
  if (!searching_ || !window_.over(now))
    return std::nullopt;
  count_probe(now);
  const auto found = reward_(window_.samples());
  const bool better = !before_ || surely_better(found, *before_); // the first has no predecessor
  if (better && rate_ < max_rate_) {
    before_ = found;
    ++rate_;
  } else {
    searching_ = false;
    if (!better)
      --rate_; // the previous rate was the best: rewards had grown up to it
  }
  window_.open_next(now);
  return rate_;
}

} // namespace adsp::sync
