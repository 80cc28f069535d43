#include "sync/divergence.hpp"

#include <algorithm>
#include <cmath>

namespace adsp::sync {

namespace {

/// A loss is bad if it exceeds the least smoothed loss by this factor ...
constexpr double bad_factor = 2;

/// ... and has lost this share of the descent so far, because near zero a factor is only noise. The
/// accuracy must have lost this share of its ascent, too: a model that learns its training data by
/// heart grows ever surer of its mistakes, so that its loss keeps rising while its accuracy stays.
constexpr double bad_share = 0.1;

/// An accuracy that has never risen by this much is ignored: guessing is as good.
constexpr double least_ascent = 0.05;

/// This many bad losses in a row are a divergence; a single one may be noise.
constexpr int patience = 3;

/// Above this multiple of the first loss, training does not recover by itself.
constexpr double lost_factor = 1000;

/// A state is good if its loss is at most this multiple of the smoothed loss.
constexpr double good_factor = 1.1;

/// Returns without progress after which another one is not worth while.
constexpr std::uint32_t max_vain_returns = 5;

/// Most halvings of the server's rate.
constexpr std::uint32_t max_halvings = 6;

/// Weight of the newest loss in the smoothed one.
constexpr double newest_loss_weight = 0.3;

} // namespace

bool divergence_guard::is_bad(double loss, double accuracy) const {
  const auto ascent = best_accuracy_ - first_accuracy_;
  const bool right = ascent >= least_ascent && accuracy > best_accuracy_ - bad_share * ascent;
  return loss > bad_factor * best_ && loss > best_ + bad_share * (first_ - best_) && !right;
}

health divergence_guard::evaluated(double loss, double accuracy) {
  if (first_ < 0 && std::isfinite(loss))
    first_ = loss;
  if (!std::isfinite(loss) || (first_ > 0 && loss > lost_factor * first_))
    return health::lost;
  usual_ = usual_ < 0 ? loss : usual_ + newest_loss_weight * (loss - usual_);
  best_ = best_ < 0 ? usual_ : std::min(best_, usual_);
  first_accuracy_ = first_accuracy_ < 0 ? accuracy : first_accuracy_;
  if (accuracy > best_accuracy_)
    best_accuracy_ = accuracy;
  if (is_bad(loss, accuracy))
    return ++bad_in_a_row_ >= patience ? health::diverged : health::doubtful;
  bad_in_a_row_ = 0;
  if (loss > good_factor * usual_)
    return health::doubtful;
  if (loss < reached_) {
    reached_ = loss;
    vain_returns_ = 0;
  }
  return health::good;
}

void divergence_guard::restored() {
  bad_in_a_row_ = 0;
  usual_ = best_;
  ++returns_;
  ++vain_returns_;
}

bool divergence_guard::may_return() const {
  return vain_returns_ < max_vain_returns;
}

double divergence_guard::rate_factor() const {
  return std::ldexp(1.0, -static_cast<int>(std::min(returns_, max_halvings)));
}

} // namespace adsp::sync
