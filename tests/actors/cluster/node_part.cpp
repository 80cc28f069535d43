// How a node's part in a job ends, over every sequence of up to six events.
#include "actors/cluster/node_part.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace adsp;

namespace {

enum class event { leave, lose_shards, end_cut_off, told_over, worker_failed, worker_done, count };

/// Applies the events and checks what must hold after each.
void check(const std::vector<event>& events) {
  node_part part;
  int leaves = 0;
  int cuts = 0;
  bool told_over = false;
  for (const auto each : events) {
    const bool leaving = part.leaving();
    switch (each) {
    case event::leave:
      leaves += part.leave() ? 1 : 0;
      REQUIRE(part.leaving());
      break;
    case event::lose_shards:
      REQUIRE_FALSE(part.lose_shards(false)); // no workers that anybody would wait for
      cuts += part.lose_shards(true) ? 1 : 0;
      break;
    case event::end_cut_off:
      REQUIRE(part.end_cut_off() == !leaving);
      break;
    case event::told_over:
      REQUIRE(part.lose_worker(true, true) == (leaving ? worker_end::go : worker_end::wait));
      told_over = told_over || !leaving;
      break;
    case event::worker_failed:
      REQUIRE(part.lose_worker(false, true) == (leaving    ? worker_end::go
                                                : cuts > 0 ? worker_end::wait
                                                           : worker_end::give_up));
      break;
    default:
      REQUIRE(part.lose_worker(false, false) == (leaving ? worker_end::go : worker_end::wait));
      break;
    }
    REQUIRE(leaves <= 1);
    REQUIRE(cuts <= 1);
    REQUIRE(part.job_over() == told_over);
  }
}

void check_all(std::vector<event>& events, std::size_t length) {
  check(events);
  if (events.size() == length)
    return;
  for (int each = 0; each < static_cast<int>(event::count); ++each) {
    events.push_back(static_cast<event>(each));
    check_all(events, length);
    events.pop_back();
  }
}

} // namespace

TEST_CASE("a node leaves once, is cut off once, and remembers that the job is over") {
  std::vector<event> events;
  check_all(events, 6);
}
