// The momentum that asynchrony is equivalent to (Hu, Wang, Wu, AAAI-20, theorem 1).
#pragma once

namespace adsp::sync {

/// mu = 1 - 1 / (1 + (1 - 1/M) sum_i n_i), where n_i = Gamma / dC_i in units of worker i's step
/// time, that is its steps between two commits, and M the number of workers. One step a commit
/// gives 1 - 1/M, as for asynchronous SGD (Mitliagkas et al., 2016). For a policy with a timer the
/// scheduler takes dC in place of every dC_i: a dC_i also makes up for what earlier periods left
/// undone, and their mean is dC.
class implicit_momentum {
public:
  /// `steps`, `commits`: of one worker in the period; a worker without commits is left out.
  void add(double steps, double commits) {
    if (commits <= 0)
      return;
    steps_between_ += steps / commits;
    workers_ += 1;
  }

  /// 0 without workers.
  double value() const {
    if (workers_ == 0)
      return 0;
    return 1 - 1 / (1 + (1 - 1 / workers_) * steps_between_);
  }

private:
  double steps_between_ = 0;
  double workers_ = 0;
};

} // namespace adsp::sync
