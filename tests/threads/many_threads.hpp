// Several threads at once over one object. A right result says little here: ThreadSanitizer watches the
// tests of this folder (`./dev check`).
#pragma once

#include <functional>
#include <latch>
#include <thread>
#include <vector>

namespace adsp::test {

/// Runs body(thread, round) for each round in each of `threads` threads, all begun together.
inline void in_threads(int threads, int rounds, const std::function<void(int, int)>& body) {
  std::latch begin{threads};
  std::vector<std::jthread> all;
  all.reserve(static_cast<std::size_t>(threads));
  for (int thread = 0; thread < threads; ++thread)
    all.emplace_back([&, thread] {
      begin.arrive_and_wait();
      for (int round = 0; round < rounds; ++round)
        body(thread, round);
    });
}

} // namespace adsp::test
