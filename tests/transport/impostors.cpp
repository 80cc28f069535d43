// Peers with a certificate of the cluster that say they are others, or wait for ever: byte by byte
// over loopback, while an honest one goes on.
#include "security/pem.hpp"
#include "tests/transport/meeting.hpp"
#include "tests/transport/tls_client.hpp"
#include "transport/framing.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

using namespace adsp;
using namespace meeting;
using frames::kind;
using frames::somebody;

namespace {

/// A TLS client that shows what a node of these options would.
struct rogue : tls::client {
  rogue(const transport::transport_options& x, std::uint16_t port)
      : client{connected(port), {x.certificate, x.key}} {}
};

/// A question to the door, in the name of an actor of `source`.
std::string question(const somebody& source, const listener& home) {
  const auto payload =
      source.bytes() + home.process().bytes() + frames::atom_message(alive_atom::value);
  return frames::frame(frames::header(kind::routed_message, payload.size(), 5, home.door_id()),
                       payload);
}

struct scene : fixture {
  listener home{certified(files, "home", files)};
  visitor a{certified(files, "a", files), home.port()};
  somebody self{4242, 9};
  rogue b{certified(files, "b", files), home.port()};
};

} // namespace

TEST_CASE_FIXTURE(scene, "who has a certificate speaks in nobody else's name") {
  REQUIRE(a.is_in());
  std::string why;
  SUBCASE("a message from this process itself") {
    b.say(frames::client_greeting(self));
    b.say(question(self, home)); // its own name is all right
    CHECK(home.heard->come("from " + to_string(self.id())));
    b.say(question(home.process(), home));
    why = "it speaks in the name of another process";
  }
  SUBCASE("a message from another peer") {
    b.say(frames::client_greeting(self));
    b.say(question(somebody{a.process()}, home));
    why = "it speaks in the name of another process";
  }
  SUBCASE("the end of another peer's actor") {
    b.say(frames::client_greeting(self));
    const auto payload = somebody{a.process()}.bytes() + home.process().bytes() + std::string(4, 0);
    b.say(frames::frame(frames::header(kind::down_message, payload.size(), 5, 0), payload));
    why = "it speaks in the name of another process";
  }
  SUBCASE("a greeting of this process") {
    b.say(frames::client_greeting(home.process()));
    why = "it says that it is this process";
  }
  SUBCASE("a greeting of another peer") {
    b.say(frames::client_greeting(somebody{a.process()}));
    why = "it says that it is the process of another peer";
  }
  SUBCASE("a message before any greeting") {
    b.say(question(home.process(), home));
    why = "it does not say who it is";
  }
  SUBCASE("an order to end") {
    b.say(frames::client_greeting(self));
    const auto payload = frames::message("+@error");
    b.say(frames::frame(frames::header(kind::direct_message, payload.size(), 5, home.door_id()),
                        payload));
    why = "it sends a message that it may not send";
  }
  b.read_to_end();
  CHECK(home.said.come("refused reason=\"" + why + "\""));
  CHECK_FALSE(home.heard->has("from " + to_string(home.process().id())));
  CHECK(a.is_in());
}

TEST_CASE_FIXTURE(scene, "blocks follow a message that announces them, and are not too long") {
  REQUIRE(a.is_in());
  b.say(frames::client_greeting(self));
  const auto with_blocks = [&](kind operation, const std::string& payload, std::uint32_t bytes) {
    return frames::frame(
        frames::header(operation, payload.size(), 5, home.door_id(), transport::blocks_follow),
        payload + frames::number(bytes));
  };
  const auto message =
      self.bytes() + home.process().bytes() + frames::atom_message(alive_atom::value);
  std::string why;
  SUBCASE("too long") {
    b.say(with_blocks(kind::routed_message, message, 0xFFFFFFFF));
    why = "it announces blocks of 4294967295 bytes";
  }
  SUBCASE("after a greeting") {
    b.say(frames::bytes_of(
        frames::header(kind::client_handshake, 32, 0, 0, transport::blocks_follow)));
    why = "it sends blocks without a message";
  }
  SUBCASE("after a message that announces none: it is not delivered, and the next frame is read") {
    b.say(with_blocks(kind::routed_message, message, 10000) + std::string(10000, 'x') +
          question(home.process(), home));
    why = "it speaks in the name of another process";
  }
  b.read_to_end();
  CHECK(home.said.come("refused reason=\"" + why + "\""));
  CHECK_FALSE(home.heard->has("from " + to_string(self.id())));
  CHECK(a.is_in());
}

TEST_CASE_FIXTURE(fixture, "who speaks TLS and shows no certificate is not let in") {
  listener home{certified(files, "home", files)};
  rogue nobody{{}, home.port()};
  nobody.read_to_end();
  CHECK(home.said.come("refused reason=\"peer did not return a certificate\""));
}

TEST_CASE_FIXTURE(fixture, "both ends of a TLS connection know the other's name") {
  listener home{certified(files, "home", files)};
  visitor a{certified(files, "a", files), home.port()};
  visitor b{certified(files, "b", files), home.port()};
  REQUIRE(a.is_in());
  REQUIRE(b.is_in());
  CHECK(a.connected_as(home.process().id()) == "home");
  CHECK(home.all->connected_as(a.process()) == "a");
  CHECK(home.all->connected_as(b.process()) == "b");
  CHECK(home.all->certificate_of(b.process()) == "b");
  CHECK_FALSE(home.all->connected_as(somebody{4242, 9}.id()));
}

TEST_CASE_FIXTURE(fixture,
                  "a certificate of the authority stands for a node by all rules or not at "
                  "all") {
  listener home{certified(files, "home", files)};
  std::string why;
  SUBCASE("another kind of key") {
    security::key_handle key{EVP_EC_gen("P-384")};
    const auto odd = security::certificate_from(files.text("b.pem"));
    REQUIRE(X509_set_pubkey(odd.get(), key.get()) == 1);
    const auto authority = security::private_key_from(files.text("ca.key"));
    REQUIRE(X509_sign(odd.get(), authority.get(), EVP_sha256()) > 0);
    files.write("b.pem", security::to_pem(*odd));
    files.write("b.key", security::to_pem(*key));
    why = "the certificate has a key of an unsupported kind (EC, 384 bits)";
  }
  SUBCASE("no name of a node") {
    const auto odd = security::certificate_from(files.text("b.pem"));
    REQUIRE(X509_NAME_add_entry_by_txt(X509_get_subject_name(odd.get()), "CN", MBSTRING_ASC,
                                       reinterpret_cast<const unsigned char*>("a"), -1, -1,
                                       0) == 1);
    const auto authority = security::private_key_from(files.text("ca.key"));
    REQUIRE(X509_sign(odd.get(), authority.get(), EVP_sha256()) > 0);
    files.write("b.pem", security::to_pem(*odd));
    why = "the certificate names no node";
  }
  rogue b{certified(files, "b", files), home.port()};
  b.read_to_end();
  CHECK(home.said.come("refused reason=\"" + why));
}

TEST_CASE("who has been asked and says nothing is given up, and the next attempt connects anew") {
  const int mute = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at = {};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  REQUIRE(::bind(mute, reinterpret_cast<sockaddr*>(&at), size) == 0);
  REQUIRE(::listen(mute, 8) == 0);
  REQUIRE(::getsockname(mute, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  const auto port = ntohs(at.sin_port);

  transport::transport_options hasty;
  hasty.greeting_time = std::chrono::milliseconds{200};
  networked config;
  caf::actor_system system{config};
  transport::gateway gateway{system, hasty};
  CHECK_FALSE(gateway.connect<port_marker_actor>({"127.0.0.1", port}));
  ::shutdown(mute, SHUT_RDWR);
  ::close(mute);
  listener home{{}, nullptr, port};
  CHECK(gateway.connect<port_marker_actor>({"127.0.0.1", port}));
}

TEST_CASE("who comes and says nothing is given up") {
  transport::transport_options hasty;
  hasty.greeting_time = std::chrono::milliseconds{200};
  listener home{hasty};
  read_to_end(connected(home.port()));
  CHECK(home.said.come("it does not say who it is"));
}
