// Peers over loopback that say who they are and do not take part: how much they get of this process.
#include "tests/transport/meeting.hpp"

#include <atomic>

using namespace adsp;
using namespace meeting;
using frames::kind;

namespace {

/// Admits nobody, and lets everybody ask.
struct nobody_in : transport::peer_rules {
  bool admitted(const caf::node_id&) const override { return false; }
  bool may_ask(const caf::node_id&, std::string_view) const override { return true; }
  bool dropped(const caf::node_id&, const std::string&) const override { return false; }
  void strike(const caf::node_id&, const std::string&) override { ++strikes; }
  std::atomic<int> strikes = 0;
};

struct hall {
  /// Sends it again and again, and reads nothing, until the connection has ended.
  void flood(const std::string& frame, const std::string& why) {
    const int socket = connected(home.port());
    say(socket, frames::client_greeting(guest));
    std::string many;
    for (int i = 0; i < 1000; ++i)
      many += frame;
    while (::send(socket, many.data(), many.size(), MSG_NOSIGNAL) > 0) {
    }
    CHECK(home.said.come("refused reason=\"" + why));
    ::close(socket);
  }

  std::shared_ptr<nobody_in> rights = std::make_shared<nobody_in>();
  listener home{{}, rights};
  frames::somebody guest{4242, 9};
};

} // namespace

TEST_CASE_FIXTURE(hall, "who asks and waits for the answers is answered, however often") {
  visitor a{{}, home.port()};
  for (int i = 0; i < 100; ++i)
    CHECK(a.is_in());
  CHECK(rights->strikes == 0);
}

TEST_CASE_FIXTURE(hall, "who asks without waiting for an answer is shown out") {
  const auto text = frames::atom_message(alive_atom::value);
  auto header = frames::header(kind::direct_message, text.size(), 5, home.door_id());
  header.operation_data |= 1;
  flood(frames::frame(header, text), "it sends too many messages");
}

TEST_CASE_FIXTURE(hall, "who does not read what it makes this process send is shown out") {
  const auto text = guest.bytes() + home.process().bytes();
  flood(frames::frame(frames::header(kind::monitor_message, text.size(), 0, 999999), text),
        "it does not read what it is sent");
}

TEST_CASE_FIXTURE(hall, "answers that nobody has asked for reach nobody") {
  visitor a{{}, home.port()};
  const int socket = connected(home.port());
  say(socket, frames::client_greeting(guest));
  const auto text = frames::atom_message(alive_atom::value);
  auto header = frames::header(kind::direct_message, text.size(), 5, home.door_id());
  header.operation_data |= caf::message_id::response_flag_mask | 1;
  for (int i = 0; i < 3; ++i)
    say(socket, frames::frame(header, text));
  say(socket, std::string(64, '\xFF')); // ends the connection
  read_to_end(socket);
  CHECK(rights->strikes == 3);
  CHECK(a.is_in());
}
