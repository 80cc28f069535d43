// Whether a job can begin, and whether anybody is left to go on with it. A plain object.
#pragma once

#include <cstddef>

namespace adsp {

class muster {
public:
  muster() = default;

  /// `expected`: workers to begin with. `to_come`: workers of the plan. `open`: workers come and go
  /// as they like: nobody is expected by name, and a job without workers waits for the next one.
  muster(std::size_t expected, std::size_t to_come, bool open)
      : expected_{expected}, to_come_{to_come}, open_{open} {}

  void joined() { take_one(to_come_); }

  /// A worker was refused: it does not ask again, and is not waited for.
  void refused() {
    if (open_)
      return;
    take_one(to_come_);
    if (!started_)
      take_one(expected_);
  }

  /// A member is a member no longer.
  void left() {
    if (!started_ && !open_)
      take_one(expected_);
  }

  /// Whether `ready` members with the first parameters are enough to begin: nobody is to start from
  /// what others have already changed.
  bool may_start(std::size_t ready) const { return !started_ && ready >= expected_; }
  void start() { started_ = true; }
  bool started() const { return started_; }

  /// Whether nobody is there and nobody will come, when `present` members are.
  bool deserted(std::size_t present) const {
    return !open_ && present == 0 && to_come_ == 0 && (started_ || expected_ == 0);
  }

private:
  static void take_one(std::size_t& count) { count -= count > 0 ? 1 : 0; }

  std::size_t expected_ = 0;
  std::size_t to_come_ = 0; ///< of the plan, have neither joined nor been refused
  bool open_ = false;
  bool started_ = false;
};

} // namespace adsp
