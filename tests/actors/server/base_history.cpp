// The states that updates started from.
#include "actors/server/base_history.hpp"

#include <doctest/doctest.h>

using namespace adsp;

namespace {

std::shared_ptr<parameter_buffer> state(float value) {
  auto x = std::make_shared<parameter_buffer>(1);
  x->values()[0] = value;
  return x;
}

/// Offers the versions 0 to `last`, each with its number as the state.
void offer_to(base_history& x, std::uint64_t last) {
  for (std::uint64_t v = 0; v <= last; ++v)
    x.offer(v, state(static_cast<float>(v)));
}

float at(const base_history& x, std::uint64_t version) {
  return x.at(version).values()[0];
}

} // namespace

TEST_CASE("with few workers every state of the last round and a half is there") {
  base_history x;
  x.set_workers(base_history::states_a_round);
  offer_to(x, 100);
  CHECK(x.size() == base_history::capacity);
  for (std::uint64_t back = 0; back < base_history::capacity; ++back)
    CHECK(at(x, 100 - back) == 100 - static_cast<float>(back));
  CHECK(at(x, 3) == at(x, 101 - base_history::capacity)); // older ones count as the oldest
  CHECK(at(x, 1000) == 100);
}

TEST_CASE("with many workers it reaches back as many rounds with as many states") {
  base_history x;
  constexpr std::uint32_t workers = 1000;
  x.set_workers(workers);
  offer_to(x, 5000);
  CHECK(x.size() == base_history::capacity);
  constexpr auto stride = workers / base_history::states_a_round;
  for (std::uint64_t back = 0; back <= workers; back += 100) {
    const auto found = at(x, 5000 - back);
    CHECK(found <= 5000 - static_cast<float>(back));
    CHECK(found > 5000 - static_cast<float>(back + stride));
  }
}

TEST_CASE("states are held, not copied, and let go") {
  base_history x;
  const auto first = state(1);
  x.offer(0, first);
  CHECK(&x.at(0) == first.get());
  x.clear();
  CHECK(first.use_count() == 1);
}
