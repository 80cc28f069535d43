// A network in virtual time: it delivers messages late, out of order, twice or not at all; the seed
// decides. No actor and no clock.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <random>
#include <utility>

namespace adsp::test {

/// The number of seeds that a test tries a property with, unless the test states another number.
inline constexpr unsigned seeds = 300;

/// What the network does to a message.
struct weather {
  double max_delay = 0; ///< seconds, uniform from 0
  double repeat = 0;    ///< probability of a second copy
  double lose = 0;      ///< probability of no copy
  double echo = 1;      ///< largest delay of a second copy, in units of `max_delay`
};

class fake_network {
public:
  explicit fake_network(unsigned seed, weather first = {}) : outside{first}, random_{seed} {}

  weather outside; ///< applies to messages sent from now on
  double now = 0;  ///< seconds

  void at(double when, std::function<void()> what) { events_.emplace(when, std::move(what)); }

  void send(const std::function<void()>& what) {
    if (uniform() >= outside.lose)
      at(now + outside.max_delay * uniform(), what);
    if (uniform() < outside.repeat)
      at(now + outside.echo * outside.max_delay * uniform(), what);
  }

  /// Runs the events until `end`; calls `observe` after each.
  void run_until(double end, const std::function<void()>& observe = {}) {
    while (!events_.empty() && events_.begin()->first <= end)
      run_next(observe);
    now = end;
  }

  /// Runs until no event is left; calls `observe` after each.
  void run(const std::function<void()>& observe = {}) {
    while (!events_.empty())
      run_next(observe);
  }

  double uniform() { return std::uniform_real_distribution<>{}(random_); }
  std::size_t below(std::size_t bound) { return random_() % bound; }

private:
  void run_next(const std::function<void()>& observe) {
    auto event = events_.extract(events_.begin());
    now = event.key();
    event.mapped()();
    if (observe)
      observe();
  }

  std::mt19937 random_;
  std::multimap<double, std::function<void()>> events_;
};

} // namespace adsp::test
