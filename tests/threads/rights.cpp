// Who is at the other ends of connections and what they may do: written by the transport's thread and by
// actors, asked by every thread.
#include "actors/rights/access.hpp"
#include "tests/threads/many_threads.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>

using namespace adsp;
using transport::peers;

namespace {

caf::node_id node(int number) {
  caf::node_id::default_data::host_id_type host;
  host.fill(static_cast<std::uint8_t>(number));
  return caf::make_node_id(static_cast<std::uint32_t>(number), host);
}

std::string name(int number) {
  return "pi-" + std::to_string(number);
}

struct fixture {
  std::shared_ptr<const transport::transport_options> options =
      std::make_shared<transport::transport_options>();
  std::shared_ptr<peers> all = std::make_shared<peers>();
  std::atomic<int> lines = 0;
  adsp::access rights{node(100), [this](const std::string&) { ++lines; }, all};

  peers::number arrive(transport::side which = transport::side::accepting) {
    return all->arrive(std::make_shared<transport::connection_closer>(options, -1), which, {});
  }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "connections come, are asked about and end on several threads at once") {
  std::atomic<int> refused = 0;
  test::in_threads(4, 500, [&](int thread, int round) {
    const auto peer = node(thread + 1);
    const auto number = arrive();
    refused += static_cast<int>(all->claim(number, peer, {name(thread)}).has_value());
    all->settle(number);
    all->chosen(node(round % 4 + 1));
    all->certificate_of(node(round % 4 + 1));
    all->connected_as(peer);
    all->answers_of(number);
    if (round % 50 == 0)
      all->close(peer);
    if (round % 100 == 0)
      all->give_up({});
    all->leave(number);
  });
  CHECK(refused == 0);
  for (int thread = 0; thread < 4; ++thread) {
    CHECK(all->certificate_of(node(thread + 1)) == name(thread));
    CHECK_FALSE(all->connected_as(node(thread + 1)));
  }
}

TEST_CASE_FIXTURE(fixture, "rights are given, asked for and taken on several threads at once") {
  std::atomic<int> dropped = 0;
  rights.when_dropped([&](const caf::node_id&) { ++dropped; });
  const auto boss = node(50);
  for (int peer = 0; peer < 4; ++peer)
    REQUIRE_FALSE(all->claim(arrive(), node(peer), {name(peer)}));
  test::in_threads(4, 300, [&](int thread, int round) {
    const auto peer = node(thread);
    const auto worker = static_cast<sync::worker_id>(thread);
    rights.admit(peer, name(thread), {"w"});
    rights.permit(worker, peer, name(thread));
    rights.follow(boss);
    const auto other = node(round % 4);
    rights.leads(other);
    rights.may_join("w", other);
    rights.may_pull(other);
    rights.may_commit(worker, other);
    rights.may_ask(other, "+adsp::push");
    rights.admitted(other);
    rights.dropped(other, name(round % 4));
    if (round % 100 == 99)
      rights.strike(peer, "nonsense");
    rights.revoke(peer);
  });
  CHECK(lines == 0); // three strikes each
  for (int peer = 0; peer < 4; ++peer)
    rights.drop(node(peer), "nonsense");
  CHECK(dropped == 4);
  CHECK_FALSE(rights.may_pull(node(0)));
}
