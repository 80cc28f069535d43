// How much a peer may say, and what it may answer.
#include "tests/transport/talk.hpp"

#include <caf/message_id.hpp>

#include <cstdint>
#include <limits>
#include <vector>

using namespace adsp::transport;
using frames::kind;
using talk::order;
using fixture = talk::fixture;

namespace {

/// The header of a message of our actor `mine` with a question, or of theirs with the answer.
caf::io::basp::header exchanged(bool answer, std::uint64_t mine, std::uint64_t number,
                                std::size_t payload) {
  auto x = frames::header(kind::direct_message, payload, answer ? 5 : mine, answer ? mine : 5);
  x.operation_data |= number | (answer ? caf::message_id::response_flag_mask : 0);
  return x;
}

/// This process asks the peer.
void ask(frame_guard& peer, std::uint64_t actor, std::uint64_t number) {
  const auto text = frames::message("+adsp::pull");
  const auto bytes = frames::frame(exchanged(false, actor, number, text.size()), text);
  CHECK(peer.say({bytes.data(), bytes.size()}, bytes.size()) == verdict::pass);
}

} // namespace

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
  const auto answer = [&](frame_guard& from, std::uint64_t actor, std::uint64_t number) {
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
  pending_answers answers;
  for (std::uint64_t i = 1; i <= pending_answers::max_asked + 1; ++i)
    answers.sent(exchanged(false, 7, i, 8));
  CHECK_FALSE(answers.awaits(exchanged(true, 7, 1, 8)));
  CHECK(answers.awaits(exchanged(true, 7, pending_answers::max_asked / 2 + 1, 8)));
  CHECK(answers.awaits(exchanged(true, 7, pending_answers::max_asked + 1, 8)));
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
    for (std::uint64_t i = 1; i < max_unadmitted_actors; ++i) {
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
