// What a peer may say of itself and to whom, frame by frame.
#include "tests/transport/talk.hpp"

using namespace adsp::transport;
using frames::kind;
using frames::somebody;
using talk::order;
using fixture = talk::fixture;

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
  CHECK(sent(frames::message("+@atom+adsp::push+adsp::work")) == verdict::pass);
  CHECK(sent(frames::message("")) == verdict::pass);
  for (const auto* types : {"+@down", "+@exit", "+@error", "+@open_stream_msg", "+@timeout",
                            "+@message", "+@atom+@strong_actor_ptr", "+adsp::host", "+",
                            "adsp::push", "+@strvec", "+std::vector<adsp::shard_actor>"})
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
