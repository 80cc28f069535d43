// The clock of simulations: every timer once, in the order of time and of setting; request timeouts
// only for what is not answered.
#include "actors/clock/system_config.hpp"
#include "actors/clock/virtual_run.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/typed_response_promise.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <utility>
#include <vector>

using namespace adsp;

namespace {

using std::chrono::nanoseconds;

/// What has arrived, and when.
using arrivals = std::vector<std::pair<nanoseconds, int>>;

struct fixture {
  fixture() : coordinator{dynamic_cast<virtual_coordinator&>(system.scheduler())} {
    listener = own(system.spawn(
        [this](caf::event_based_actor*, int) -> caf::behavior {
          return {[this](int x) {
            seen.emplace_back(now(), x);
            if (on_arrival)
              on_arrival(x);
          }};
        },
        0));
  }

  ~fixture() {
    for (const auto& x : spawned)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    coordinator.run();
    coordinator.clock().cancel_all();
    coordinator.run();
  }

  caf::actor own(caf::actor x) {
    spawned.push_back(x);
    return x;
  }

  nanoseconds now() { return coordinator.clock().now().time_since_epoch(); }

  /// The listener is to get `number` at `when`.
  void set(nanoseconds when, int number) {
    coordinator.clock().schedule_message(
        caf::actor_clock::time_point{when}, caf::actor_cast<caf::strong_actor_ptr>(listener),
        caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, number));
  }

  /// Until no timer is left; the number of timers that there were.
  int run() {
    int timers = 0;
    coordinator.run();
    for (; coordinator.clock().trigger_next(); ++timers)
      coordinator.run();
    return timers;
  }

  system_config config{drive::virtual_time};
  caf::actor_system system{config};
  virtual_coordinator& coordinator;
  std::vector<caf::actor> spawned;
  caf::actor listener;
  arrivals seen;
  std::function<void(int)> on_arrival;
};

/// Leaves every question open.
using open_questions = std::vector<caf::typed_response_promise<int>>;

caf::behavior silent(caf::event_based_actor* self, const std::shared_ptr<open_questions>& open) {
  return {
      [=](int) -> caf::result<int> {
        open->push_back(self->make_response_promise<int>());
        return open->back();
      },
  };
}

} // namespace

TEST_CASE_FIXTURE(fixture, "timers come in the order of time, equal ones in the order of setting") {
  const std::vector<std::pair<int, int>> set_at = {{30, 0}, {10, 1}, {20, 2},
                                                   {10, 3}, {30, 4}, {10, 5}};
  for (auto [when, number] : set_at)
    set(nanoseconds{when}, number);
  CHECK(run() == 6);
  const arrivals expected = {{nanoseconds{10}, 1}, {nanoseconds{10}, 3}, {nanoseconds{10}, 5},
                             {nanoseconds{20}, 2}, {nanoseconds{30}, 0}, {nanoseconds{30}, 4}};
  CHECK(seen == expected);
  CHECK_FALSE(coordinator.clock().trigger_next());
}

TEST_CASE_FIXTURE(fixture, "a run ends when it is done, or when nothing is left to happen") {
  for (int i = 1; i <= 4; ++i)
    set(nanoseconds{10 * i}, i);
  int looks = 0;
  const auto look = [&] { ++looks; };
  CHECK(run_until(
      coordinator, [] { return true; }, look));
  CHECK(looks == 0);
  CHECK(run_until(
      coordinator, [&] { return seen.size() == 3; }, look));
  CHECK(looks == 3);
  CHECK(now() == nanoseconds{30});
  CHECK_FALSE(run_until(
      coordinator, [] { return false; }, look));
  CHECK(looks == 4);
  CHECK(seen.size() == 4);
}

TEST_CASE_FIXTURE(fixture, "a timer of the past comes at once, and time does not go back") {
  set(nanoseconds{100}, 1);
  run();
  set(nanoseconds{50}, 2);
  run();
  CHECK(seen.back() == std::pair{nanoseconds{100}, 2});
}

TEST_CASE_FIXTURE(fixture, "many timers, more of them set while others come, in sorted order") {
  std::mt19937_64 random{7};
  arrivals expected;
  const auto add = [&](nanoseconds when) {
    const auto number = static_cast<int>(expected.size());
    expected.emplace_back(when, number);
    set(when, number);
  };
  for (int i = 0; i < 5000; ++i)
    add(nanoseconds{1 + random() % 2000}); // the clock starts at 1; many are equal
  on_arrival = [&](int) {
    if (expected.size() < 15'000)
      for (auto more = random() % 4; more > 0; --more)
        add(now() + nanoseconds{random() % 500});
  };
  const auto timers = run();
  CHECK(timers >= 15'000);
  CHECK(timers == static_cast<int>(expected.size()));
  // Numbers grow with the order of setting.
  std::sort(expected.begin(), expected.end());
  CHECK(seen == expected);
}

TEST_CASE_FIXTURE(fixture, "a clock that was emptied takes timers again") {
  for (int i = 0; i < 100; ++i)
    set(nanoseconds{i}, i);
  coordinator.clock().cancel_all();
  CHECK(run() == 0);
  set(nanoseconds{5}, 7);
  CHECK(run() == 1);
  CHECK(seen == arrivals{{nanoseconds{5}, 7}});
}

TEST_CASE_FIXTURE(fixture, "questions that are answered do not time out, the others do, once") {
  constexpr nanoseconds timeout{1000};
  arrivals answers;
  arrivals errors;
  const auto quick = own(system.spawn(
      [](caf::event_based_actor*, int) -> caf::behavior { return {[](int x) { return x; }}; }, 0));
  const auto mute = own(system.spawn(silent, std::make_shared<open_questions>()));
  const auto asker = own(system.spawn(
      [&](caf::event_based_actor* self, int) -> caf::behavior {
        return {[&, self](int x) {
          self->request(x % 3 == 0 ? mute : quick, timeout, x)
              .then([&](int answer) { answers.emplace_back(now(), answer); },
                    [&, x](const caf::error& why) {
                      CHECK(why == caf::sec::request_timeout);
                      errors.emplace_back(now(), x);
                    });
        }};
      },
      0));
  on_arrival = [&](int x) { caf::anon_send(asker, x); };
  arrivals expected_answers;
  arrivals expected_errors;
  for (int i = 0; i < 300; ++i) {
    const nanoseconds when{10 * i + 10};
    set(when, i);
    if (i % 3 == 0)
      expected_errors.emplace_back(when + timeout, i);
    else
      expected_answers.emplace_back(when, i);
  }
  run();
  CHECK(answers == expected_answers);
  CHECK(errors == expected_errors);
}

TEST_CASE_FIXTURE(fixture, "the timers of an actor that has ended do no harm") {
  const auto mute = own(system.spawn(silent, std::make_shared<open_questions>()));
  bool timed_out = false;
  const auto asker = system.spawn(
      [&](caf::event_based_actor* self, int) -> caf::behavior {
        return {[&, self](int x) {
          self->request(mute, nanoseconds{1000}, x)
              .then([](int) {}, [&](const caf::error&) { timed_out = true; });
        }};
      },
      0);
  caf::anon_send(asker, 1);
  coordinator.run();
  caf::anon_send_exit(asker, caf::exit_reason::user_shutdown);
  set(nanoseconds{2000}, 3);
  run();
  CHECK_FALSE(timed_out);
  CHECK(seen == arrivals{{nanoseconds{2000}, 3}});
}
