// CAF's TLS takes the files as they are: nodes of one cluster talk, whoever comes from elsewhere is not let in.
#include "tests/security/folder.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/all.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace {

struct node_config : caf::actor_system_config {
  node_config() {
    load<caf::io::middleman>();
    load<caf::openssl::manager>();
    set("scheduler.max-threads", 2);
  }
};

/// A node with the files of `name`, which trusts the authority of `files`.
struct certified : node_config {
  certified(const cluster::folder& files, const std::string& name) {
    openssl_certificate = (files / (name + ".pem")).string();
    openssl_key = (files / (name + ".key")).string();
    openssl_cafile = (files / "ca.pem").string();
  }
};

/// Listens on loopback as the node home and adds one to each number.
class listener {
public:
  explicit listener(const cluster::folder& files) : config_{files, "home"} {
    actor_ = system_.spawn(
        [](caf::event_based_actor*, std::int32_t step) -> caf::behavior {
          return {[step](std::int32_t x) { return x + step; }};
        },
        1);
    const auto port = caf::openssl::publish(actor_, 0, "127.0.0.1");
    REQUIRE(port);
    port_ = *port;
  }
  ~listener() { caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown); }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  /// Whether a node with this config reaches the actor, and what it answers to `x`; 0: not let in.
  std::int32_t answer(caf::actor_system_config& config, std::int32_t x) const {
    caf::actor_system system{config};
    const auto remote = caf::openssl::remote_actor(system, "127.0.0.1", port_);
    if (!remote)
      return 0;
    std::int32_t result = 0;
    caf::scoped_actor self{system};
    self->request(*remote, std::chrono::seconds{30}, x)
        .receive([&](std::int32_t y) { result = y; }, [](const caf::error&) {});
    return result;
  }

private:
  certified config_;
  caf::actor_system system_{config_};
  caf::actor actor_;
  std::uint16_t port_ = 0;
};

struct fixture {
  fixture() {
    const auto now = std::chrono::system_clock::now();
    files.issue({"home", "a"}, now);
    others.issue({"a"}, now);
  }

  cluster::folder files;
  cluster::folder others;
};

} // namespace

TEST_CASE_FIXTURE(fixture, "nodes of one cluster talk over TLS") {
  const listener home{files};
  certified a{files, "a"};
  CHECK(home.answer(a, 41) == 42);
}

TEST_CASE_FIXTURE(fixture, "nobody else is let in, and the cluster's nodes still are") {
  const listener home{files};
  certified stranger{others, "a"};
  CHECK(home.answer(stranger, 41) == 0);
  // It accepts the cluster's authority but has a certificate of its own.
  certified impostor{others, "a"};
  impostor.openssl_cafile = (files / "ca.pem").string();
  CHECK(home.answer(impostor, 41) == 0);
  node_config without_certificate;
  CHECK(home.answer(without_certificate, 41) == 0);
  certified a{files, "a"};
  CHECK(home.answer(a, 41) == 42);
}

TEST_CASE_FIXTURE(fixture, "a certificate that has expired is not let in") {
  const listener home{files};
  const auto day = std::chrono::hours{24};
  const auto now = std::chrono::system_clock::now();
  const auto old =
      adsp::security::issuer{files.credentials("ca")}.issue("b", {now - 2 * day, now - day});
  files.write("b.pem", old.certificate);
  files.write("b.key", old.key);
  certified b{files, "b"};
  CHECK(home.answer(b, 41) == 0);
}
