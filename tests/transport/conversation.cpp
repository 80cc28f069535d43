// What a peer may say of itself and to whom, frame by frame.
#include "transport/conversation.hpp"
#include "tests/transport/frames.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace adsp::transport;
using frames::kind;
using frames::somebody;

namespace {

/// Says what the test wants.
struct rules : judge {
  bool admitted(const caf::node_id&) const override { return lets_in; }
  bool may_ask(const caf::node_id&, std::string_view types) const override {
    return types != "+adsp::host" && (led || types != "+@exit");
  }
  bool dropped(const caf::node_id&, const std::string& name) const override {
    return name == unwanted;
  }
  void strike(const caf::node_id&, const std::string&) override { ++strikes; }
  int strikes = 0;
  bool lets_in = false;
  bool led = false;
  std::string unwanted = "nobody";
};

struct fixture {
  somebody home{1, 1};
  somebody a{2, 2};
  somebody b{3, 3};
  channel cert_a{"a", "binding of a"};
  channel cert_b{"b", "binding of b"};
  std::shared_ptr<peers> all = std::make_shared<peers>();
  std::shared_ptr<rules> rights = std::make_shared<rules>();

  conversation talk(side which = side::accepting) {
    auto options = std::make_shared<transport_options>();
    return {home.id(), which, all, rights,
            all->arrive(std::make_shared<breaker>(options, -1), which, {})};
  }
  static verdict say(conversation& x, const caf::io::basp::header& header,
                     const std::string& payload, const channel& known = {}) {
    if (x.hear(header, false) == verdict::refuse)
      return verdict::refuse;
    return x.hear({payload.data(), payload.size()}, 0, known);
  }
  /// A frame whose payload has that many bytes.
  static verdict say(conversation& x, kind operation, const std::string& payload,
                     std::uint64_t source = 5, std::uint64_t target = 6, std::uint8_t flags = 0) {
    return say(x, frames::header(operation, payload.size(), source, target, flags), payload);
  }
  static verdict greet(conversation& x, const somebody& who, const channel& known) {
    return say(x, frames::header(kind::client_handshake, 32), who.bytes(), known);
  }
};

/// The header of a message of our actor `mine` with a question, or of theirs with the answer.
caf::io::basp::header exchanged(bool answer, std::uint64_t mine, std::uint64_t number,
                                std::size_t payload) {
  auto x = frames::header(kind::direct_message, payload, answer ? 5 : mine, answer ? mine : 5);
  x.operation_data |= number | (answer ? caf::message_id::response_flag_mask : 0);
  return x;
}

/// This process asks the peer.
void ask(conversation& peer, std::uint64_t actor, std::uint64_t number) {
  const auto text = frames::message("+adsp::pull");
  const auto bytes = frames::frame(exchanged(false, actor, number, text.size()), text);
  CHECK(peer.say({bytes.data(), bytes.size()}, bytes.size()) == verdict::pass);
}

const std::string order = frames::message("+adsp::finish", std::string{"\x01\x00", 2});

} // namespace

TEST_CASE_FIXTURE(fixture, "nothing is heard before the peer has said who it is") {
  for (auto operation : {kind::direct_message, kind::routed_message, kind::monitor_message}) {
    auto x = talk();
    CHECK(say(x, operation, a.bytes() + home.bytes() + order, 0) == verdict::refuse);
  }
  auto x = talk();
  CHECK(say(x, frames::header(kind::server_handshake, 32), a.bytes()) == verdict::refuse);
  auto y = talk(side::connecting);
  CHECK(greet(y, a, cert_a) == verdict::refuse);
}

TEST_CASE_FIXTURE(fixture, "a peer is one process, and not one that is somebody else's") {
  auto x = talk();
  CHECK(greet(x, a, cert_a) == verdict::pass);
  CHECK(greet(x, a, cert_a) == verdict::pass); // CAF repeats it
  SUBCASE("this process") {
    auto y = talk();
    CHECK(greet(y, home, cert_b) == verdict::refuse);
  }
  SUBCASE("another's") {
    auto y = talk();
    CHECK(greet(y, a, cert_b) == verdict::refuse);
    CHECK(y.why() == "it says that it is the process of another peer");
    CHECK(all->certificate_of(a.id()) == "a");
  }
  SUBCASE("the same once more, as when two connect to each other at once") {
    auto y = talk();
    CHECK(greet(y, a, cert_a) == verdict::pass);
  }
  SUBCASE("two") {
    CHECK(greet(x, b, cert_a) == verdict::refuse);
  }
  SUBCASE("an id of another kind") {
    auto y = talk();
    CHECK(say(y, frames::header(kind::client_handshake, 8), std::string(8, '\0')) ==
          verdict::refuse);
  }
  SUBCASE("one that has been dropped under another id") {
    rights->unwanted = "b";
    auto y = talk();
    CHECK(greet(y, b, cert_b) == verdict::refuse);
  }
}

TEST_CASE_FIXTURE(fixture, "a peer speaks for itself, to this process") {
  auto x = talk();
  REQUIRE(greet(x, a, cert_a) == verdict::pass);
  for (auto operation : {kind::routed_message, kind::monitor_message, kind::down_message}) {
    const auto rest = operation == kind::routed_message ? order : std::string{};
    const std::uint64_t target = operation == kind::down_message ? 0 : 6;
    const auto from = [&](const somebody& source, const somebody& to) {
      auto y = x;
      return say(y, operation, source.bytes() + to.bytes() + rest, 5, target);
    };
    CHECK(from(a, home) == verdict::pass);
    CHECK(from(b, home) == verdict::refuse);
    CHECK(from(home, home) == verdict::refuse);
    CHECK(from(a, b) == verdict::skip); // nobody passes on
    CHECK(from(home, b) == verdict::refuse);
  }
  CHECK(say(x, kind::down_message, a.bytes(), 5, 0) == verdict::refuse);
  CHECK(say(x, kind::direct_message, order) == verdict::pass);
}

TEST_CASE_FIXTURE(fixture, "only messages of this project come in") {
  auto x = talk();
  REQUIRE(greet(x, a, cert_a) == verdict::pass);
  const auto sent = [&](const std::string& payload, std::uint8_t flags = 0,
                        std::uint64_t target = 6) {
    auto y = x;
    return say(y, kind::direct_message, payload, 5, target, flags);
  };
  CHECK(sent(frames::message("+@atom+adsp::push+std::vector<adsp::shard_actor>")) == verdict::pass);
  CHECK(sent(frames::message("")) == verdict::pass);
  for (const auto* types :
       {"+@down", "+@exit", "+@error", "+@open_stream_msg", "+@timeout", "+@message",
        "+@atom+@strong_actor_ptr", "+adsp::host", "+", "adsp::push"})
    CHECK(sent(frames::message(types)) == verdict::refuse);
  CHECK(say(x, kind::direct_message, frames::message("+@atom"), 0) == verdict::refuse);
  CHECK(sent(std::string{"\x01\0\0", 3} + frames::message("+@atom")) == verdict::refuse);
  CHECK(sent(std::string(5, '\xFF')) == verdict::refuse);
  CHECK(sent(std::string{"\0\0\0\x7F@<>", 7}) == verdict::refuse);
  const auto named = caf::io::basp::header::named_receiver_flag;
  const auto server = static_cast<std::uint64_t>(caf::atom("SpawnServ"));
  const auto config = static_cast<std::uint64_t>(caf::atom("ConfigServ"));
  CHECK(sent(frames::message("+@atom"), named, server) == verdict::skip);
  CHECK(sent(frames::message("+@atom"), named, config) == verdict::refuse);
  rights->led = true;
  CHECK(sent(frames::message("+@exit")) == verdict::pass);
}

TEST_CASE_FIXTURE(fixture, "what is long comes from those who take part") {
  auto x = talk();
  const auto announce = [&](std::size_t bytes) {
    return x.hear(frames::header(kind::direct_message, bytes, 5, 6), false);
  };
  CHECK(x.hear(frames::header(kind::client_handshake, max_greeting_bytes + 1), false) ==
        verdict::refuse);
  REQUIRE(greet(x, a, cert_a) == verdict::pass);
  CHECK(announce(max_greeting_bytes) == verdict::pass);
  CHECK(announce(max_greeting_bytes + 1) == verdict::refuse);
  rights->lets_in = true;
  CHECK(announce(max_payload_bytes) == verdict::pass);
  CHECK(announce(max_payload_bytes + 1) == verdict::refuse);
  CHECK(announce(std::numeric_limits<std::uint32_t>::max()) == verdict::refuse);
  CHECK(x.why() == "it announces a message of 4294967295 bytes");
}

TEST_CASE_FIXTURE(fixture, "blocks count as parts of their message") {
  auto x = talk();
  REQUIRE(greet(x, a, cert_a) == verdict::pass);
  const auto with = [&](std::size_t bytes) {
    auto y = x;
    REQUIRE(y.hear(frames::header(kind::direct_message, order.size(), 5, 6), true) ==
            verdict::pass);
    return y.hear({order.data(), order.size()}, bytes, cert_a);
  };
  CHECK(with(max_greeting_bytes - order.size()) == verdict::pass);
  CHECK(with(max_greeting_bytes) == verdict::refuse);
  rights->lets_in = true;
  CHECK(with(max_message_bytes - order.size()) == verdict::pass);
  CHECK(with(max_message_bytes) == verdict::refuse);
  CHECK(x.hear(frames::header(kind::client_handshake, 32), true) == verdict::refuse);
}

TEST_CASE_FIXTURE(fixture, "whom this process has connected to may send what is long") {
  auto x = talk(side::connecting);
  REQUIRE(say(x, frames::header(kind::server_handshake, 32), a.bytes(), cert_a) == verdict::pass);
  CHECK(x.hear(frames::header(kind::direct_message, max_payload_bytes, 5, 6), false) ==
        verdict::pass);
}

TEST_CASE_FIXTURE(fixture, "an answer is the first of the peer that has been asked") {
  auto x = talk();
  auto y = talk();
  REQUIRE(greet(x, a, cert_a) == verdict::pass);
  REQUIRE(greet(y, b, cert_b) == verdict::pass);
  auto types = "+adsp::fresh";
  SUBCASE("values") {}
  SUBCASE("an error") {
    types = "+@error";
  }
  SUBCASE("of types that nobody may send unasked") {
    types = "+adsp::host";
  }
  const auto text = frames::message(types);
  const auto answer = [&](conversation& from, std::uint64_t actor, std::uint64_t number) {
    const auto before = rights->strikes;
    const auto found = say(from, exchanged(true, actor, number, text.size()), text);
    CHECK(rights->strikes - before == (found == verdict::skip ? 1 : 0));
    return found;
  };
  CHECK(answer(x, 7, 1) == verdict::skip);
  ask(x, 7, 1);
  ask(x, 7, 2);
  ask(x, 8, 1);
  CHECK(answer(y, 7, 1) == verdict::skip);
  CHECK(answer(x, 9, 1) == verdict::skip);
  CHECK(answer(x, 7, 3) == verdict::skip);
  CHECK(answer(x, 8, 1) == verdict::pass);
  CHECK(answer(x, 7, 1) == verdict::pass);
  CHECK(answer(x, 7, 1) == verdict::skip);
  // Of two connections to one process each side may use another one.
  auto second = talk();
  REQUIRE(greet(second, a, cert_a) == verdict::pass);
  CHECK(answer(second, 7, 2) == verdict::pass);
  CHECK(answer(x, 7, 2) == verdict::skip);
}

TEST_CASE_FIXTURE(fixture, "the questions that are remembered are bounded, the newest stay") {
  correspondence letters;
  for (std::uint64_t i = 1; i <= correspondence::max_asked + 1; ++i)
    letters.sent(exchanged(false, 7, i, 8));
  CHECK_FALSE(letters.awaits(exchanged(true, 7, 1, 8)));
  CHECK(letters.awaits(exchanged(true, 7, correspondence::max_asked / 2 + 1, 8)));
  CHECK(letters.awaits(exchanged(true, 7, correspondence::max_asked + 1, 8)));
}

TEST_CASE_FIXTURE(fixture, "who does not take part asks a little at a time") {
  auto x = talk();
  REQUIRE(greet(x, a, cert_a) == verdict::pass);
  const auto asks = [&](std::uint64_t actor) {
    auto header = frames::header(kind::direct_message, order.size(), actor, 6);
    header.operation_data |= 1;
    return say(x, header, order);
  };
  const auto answered = [&](std::size_t times) {
    auto header = frames::header(kind::direct_message, order.size(), 6, 5);
    header.operation_data |= caf::message_id::response_flag_mask | 1;
    const auto bytes = frames::frame(header, order);
    while (times-- > 0)
      CHECK(x.say({bytes.data(), bytes.size()}, 0) == verdict::pass);
  };
  for (std::size_t i = 0; i < max_unanswered; ++i)
    CHECK(asks(5) == verdict::pass);
  SUBCASE("and is answered") {
    answered(max_unanswered);
    for (std::size_t i = 0; i < max_unanswered; ++i)
      CHECK(asks(5) == verdict::pass);
    CHECK(asks(5) == verdict::refuse);
  }
  SUBCASE("unless it is admitted") {
    rights->lets_in = true;
    CHECK(asks(5) == verdict::pass);
  }
  SUBCASE("through few actors") {
    for (std::uint64_t i = 1; i < max_visitor_actors; ++i) {
      answered(1);
      CHECK(asks(5 + i) == verdict::pass);
    }
    answered(1);
    CHECK(asks(4) == verdict::refuse);
  }
}

TEST_CASE_FIXTURE(fixture, "little waits to be sent to who does not take part") {
  auto x = talk();
  REQUIRE(greet(x, a, cert_a) == verdict::pass);
  CHECK(x.say({}, max_waiting_bytes) == verdict::pass);
  CHECK(x.say({}, max_waiting_bytes + 1) == verdict::refuse);
  rights->lets_in = true;
  CHECK(x.say({}, max_message_bytes) == verdict::pass);
}
