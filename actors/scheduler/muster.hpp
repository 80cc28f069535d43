// Decides whether a job can begin, and whether any worker is left to continue it. A plain object.
#pragma once

#include <cstddef>

namespace adsp {

class muster {
public:
  muster() = default;

  /// `expected`: workers to begin with. `to_come`: workers of the plan. `open`: workers come and go
  /// as they like; none is expected by name, and a job without workers waits for the next one.
  muster(std::size_t expected, std::size_t to_come, bool open)
      : expected_{expected}, to_come_{to_come}, open_{open} {}

  void joined() { take_one(to_come_); }

  /// A worker was refused: it does not ask again, and nobody waits for it.
  void refused() {
    if (open_)
      return;
    take_one(to_come_);
    if (!started_)
      take_one(expected_);
  }

  /// A member has left.
  void left() {
    if (!started_ && !open_)
      take_one(expected_);
  }

  /// Whether `ready` members that have the first parameters are enough to begin: no worker may
  /// start from parameters that others have already changed.
  bool may_start(std::size_t ready) const { return !started_ && ready >= expected_; }
  void start() { started_ = true; }
  bool started() const { return started_; }

  /// Whether no worker is left and none will come, given the number of `present` members.
  bool deserted(std::size_t present) const {
    return !open_ && present == 0 && to_come_ == 0 && (started_ || expected_ == 0);
  }

private:
  static void take_one(std::size_t& count) { count -= count > 0 ? 1 : 0; }

  std::size_t expected_ = 0;
  std::size_t to_come_ = 0; ///< workers of the plan that have neither joined nor been refused
  bool open_ = false;
  bool started_ = false;
};

} // namespace adsp
