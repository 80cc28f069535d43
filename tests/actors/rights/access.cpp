// What peers may do, and when they may do nothing any more.
#include "actors/rights/access.hpp"

#include "tests/transport/frames.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace adsp;

namespace {

struct fixture {
  caf::node_id here = frames::somebody{1, 1}.id();
  caf::node_id boss = frames::somebody{2, 2}.id();
  caf::node_id pi = frames::somebody{3, 3}.id();
  std::shared_ptr<transport::peers> all = std::make_shared<transport::peers>();
  std::vector<std::string> lines;
  adsp::access rights{here, [this](const std::string& line) { lines.push_back(line); }, all};

  /// A connection of `node` by a certificate of this name; whether it is believed.
  bool connect(const caf::node_id& node, const std::string& certificate, int socket = -1) {
    const auto options = std::make_shared<transport::transport_options>();
    last = all->arrive(std::make_shared<transport::connection_closer>(options, socket),
                       transport::side::accepting, {});
    return !all->claim(last, node, {certificate});
  }
  transport::peers::number last = 0;
};

} // namespace

TEST_CASE_FIXTURE(fixture, "this process may do everything, a stranger nothing") {
  CHECK(rights.leads(here));
  CHECK(rights.may_join("w", here));
  CHECK(rights.may_pull(here));
  CHECK(rights.may_commit(0, here));
  for (const auto& stranger : {pi, caf::node_id{}}) {
    CHECK_FALSE(rights.leads(stranger));
    CHECK_FALSE(rights.may_join("w", stranger));
    CHECK_FALSE(rights.may_pull(stranger));
    CHECK_FALSE(rights.may_commit(0, stranger));
    CHECK_FALSE(rights.admitted(stranger));
  }
}

TEST_CASE_FIXTURE(fixture, "a right is that of a process and of its certificate") {
  REQUIRE(connect(boss, "home"));
  REQUIRE(connect(pi, "pi-3"));
  const auto of_pi = last;
  rights.follow(boss);
  rights.admit(pi, "pi-3", {"w"});
  rights.permit(7, pi, "pi-3");
  CHECK(rights.leads(boss));
  CHECK(rights.may_join("w", pi));
  CHECK(rights.may_commit(7, pi));
  CHECK_FALSE(rights.may_commit(8, pi));
  all->leave(of_pi);
  CHECK(rights.may_commit(7, pi)); // what it has sent may come after its end
  REQUIRE(connect(pi, "mallory"));
  CHECK_FALSE(rights.may_join("w", pi));
  CHECK_FALSE(rights.may_pull(pi));
  CHECK_FALSE(rights.may_commit(7, pi));
  CHECK_FALSE(rights.admitted(pi));
}

TEST_CASE_FIXTURE(fixture, "a peer that takes no part any more is cut off, others are not") {
  std::array<int, 4> ends{};
  for (std::size_t i : {0, 2})
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, &ends[i]) == 0);
  REQUIRE(connect(pi, "pi-3", ends[0]));
  REQUIRE(connect(boss, "boss", ends[2]));
  rights.admit(pi, "pi-3", {"w"});
  rights.revoke(pi);
  char none = 0;
  CHECK(::recv(ends[1], &none, 1, MSG_DONTWAIT) == 0);
  CHECK(::recv(ends[3], &none, 1, MSG_DONTWAIT) == -1);
  for (auto end : ends)
    ::close(end);
}

TEST_CASE_FIXTURE(fixture, "a permit for a name is none for who took its process's id before") {
  REQUIRE(connect(pi, "mallory"));
  rights.permit(7, pi, "pi-3");
  CHECK_FALSE(rights.may_commit(7, pi));
}

TEST_CASE_FIXTURE(fixture, "orders are asked for by who leads, questions by everybody") {
  rights.follow(boss);
  for (const auto* question : {"+adsp::hello+adsp::node_actor", "+adsp::push", "+adsp::report"}) {
    CHECK(rights.may_ask(pi, question));
    CHECK(rights.may_ask(boss, question));
  }
  for (const auto* order : {"+adsp::host", "+adsp::finish", "+@atom", "+@exit", "+adsp::restore",
                            "+adsp::sync::instruction", "+@atom+@u32+@node+@str"}) {
    CHECK_FALSE(rights.may_ask(pi, order));
    CHECK(rights.may_ask(boss, order));
  }
}

TEST_CASE_FIXTURE(fixture, "who sends nonsense too often is dropped, and so is its name") {
  REQUIRE(connect(pi, "pi-3"));
  rights.admit(pi, "pi-3", {"w"});
  std::vector<caf::node_id> told;
  rights.when_dropped([&](const caf::node_id& x) { told.push_back(x); });
  for (int i = 1; i < adsp::access::max_strikes; ++i)
    rights.strike(pi, "noise");
  CHECK(rights.may_join("w", pi));
  CHECK(lines.empty());
  const auto again = frames::somebody{4, 4}.id(); // a new process goes on where the last one was
  REQUIRE(connect(again, "pi-3"));
  rights.strike(again, "noise");
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().find("peer=pi-3 dropped reason=\"noise; the last of 5") == 0);
  CHECK(told == std::vector{again});
  CHECK(rights.dropped(again, "pi-3"));
  CHECK(rights.dropped(frames::somebody{5, 5}.id(), "pi-3"));
  CHECK_FALSE(rights.dropped(boss, "home"));
  rights.permit(7, again, "pi-3");
  CHECK_FALSE(rights.may_commit(7, again));
  rights.strike(again, "noise");
  CHECK(lines.size() == 1);
  for (int i = 0; i < 9; ++i)
    rights.strike(here, "itself");
  CHECK(rights.leads(here));
}
