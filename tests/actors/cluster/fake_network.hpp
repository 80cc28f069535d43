// A network in made-up time: what is sent arrives late, out of order, twice or not at all, as the
// seed says. No actor and no clock.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <random>
#include <utility>

namespace adsp::test {

/// How many seeds each property is tried with.
inline constexpr unsigned seeds = 300;

class fake_network {
public:
  explicit fake_network(unsigned seed) : random_{seed} {}

  /// What happens to whatever is sent from now on.
  double max_delay = 0; ///< seconds, uniform from 0
  double repeat = 0;    ///< probability of a second copy
  double lose = 0;      ///< probability of no copy

  double now = 0; ///< seconds

  void at(double when, std::function<void()> what) { events_.emplace(when, std::move(what)); }

  void send(const std::function<void()>& what) {
    if (uniform() >= lose)
      at(now + max_delay * uniform(), what);
    if (uniform() < repeat)
      at(now + max_delay * uniform(), what);
  }

  /// Until `end`; `observe` is called after every event.
  void run_until(double end, const std::function<void()>& observe = {}) {
    while (!events_.empty() && events_.begin()->first <= end) {
      auto event = events_.extract(events_.begin());
      now = event.key();
      event.mapped()();
      if (observe)
        observe();
    }
    now = end;
  }

  double uniform() { return std::uniform_real_distribution<>{}(random_); }
  std::size_t below(std::size_t bound) { return random_() % bound; }

private:
  std::mt19937 random_;
  std::multimap<double, std::function<void()>> events_;
};

} // namespace adsp::test
