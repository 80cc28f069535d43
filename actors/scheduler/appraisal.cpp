#include "actors/scheduler/appraisal.hpp"

namespace adsp {

const evaluation_record& appraisal::note(const evaluation& measured, const evaluation_record& at) {
  last_ = at;
  last_.loss = measured.loss;
  last_.accuracy = measured.accuracy;
  ++count_;
  return last_;
}

verdict appraisal::judge(const evaluation& measured) {
  const auto found = guard_.evaluated(measured.loss, measured.accuracy);
  if (found == sync::health::good)
    return verdict::keep;
  if (found == sync::health::doubtful)
    return verdict::go_on;
  if (returns_)
    return guard_.may_return() ? verdict::go_back : verdict::diverged;
  // A diverged state may recover by itself; a lost one does not.
  return found == sync::health::diverged ? verdict::go_on : verdict::diverged;
}

void appraisal::returned() {
  ++generation_;
  guard_.restored();
}

} // namespace adsp
