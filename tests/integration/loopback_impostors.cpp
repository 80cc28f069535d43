// Nodes over TLS on loopback that have a certificate of the cluster and say they are another node.
#include "tests/integration/loopback.hpp"
#include "tests/security/folder.hpp"

using namespace adsp;
using test::three_workers;

namespace {

/// Passes every hello on to the scheduler's node, as its own or with the node's handle.
test::mock<registrar_actor> relaying_registrar(caf::event_based_actor* self,
                                               const registrar_actor& head,
                                               const node_actor& in_its_place) {
  return {
      [=](const hello& greeting, const node_actor& from) {
        auto promise = self->make_response_promise<admitted>();
        self->request(head, test::patience, greeting, in_its_place ? in_its_place : from)
            .then([=](const admitted& answer) mutable { promise.deliver(answer); },
                  [=](const caf::error& why) mutable { promise.deliver(why); });
        return promise;
      },
  };
}

test::mock<node_actor> idle_node(caf::event_based_actor*) {
  return {[](alive_atom) { return alive_atom::value; }};
}

/// A scheduler's node that is the node s of a cluster with others.
struct secured {
  transport::transport_options certified(const std::string& name) const {
    return {true,
            (files / (name + ".pem")).string(),
            (files / (name + ".key")).string(),
            (files / "ca.pem").string(),
            {}};
  }

  certificate_files::folder files;
  security::issued_certificates issued =
      files.issue({"s", "w0", "w1", "relay"}, std::chrono::system_clock::now());
  job x = three_workers(sync::policy_kind::tap);
  test::head_process head{x, test::tiny_data(), certified("s")};
};

/// Somebody with the certificate `relay` who stands where nodes look for the scheduler.
struct relayed : secured {
  ~relayed() {
    caf::anon_send_exit(stand_in, caf::exit_reason::kill);
    caf::anon_send_exit(own, caf::exit_reason::kill);
  }

  /// Nodes meet the relay at this port.
  std::uint16_t stand_between(const node_actor& in_its_place) {
    const auto there = relay.meet(head.port);
    relay.rights->follow(there.node());
    stand_in = spawn_mock(relay.system, relaying_registrar, there, in_its_place);
    const auto port = relay.gateway.publish(stand_in, {"127.0.0.1", 0});
    REQUIRE(port);
    return *port;
  }

  test::process relay{certified("relay")};
  node_actor own = spawn_mock(relay.system, idle_node);
  registrar_actor stand_in;
  test::member_process victim{x, "w0", false, true, test::tiny_data(), certified("w0")};
};

} // namespace

TEST_CASE_FIXTURE(secured, "a node is admitted under the name in its certificate and no other") {
  test::member_process honest{x, "w0", false, true, test::tiny_data(), certified("w0")};
  honest.join(head.port);
  CHECK(head.log->comes("node=w0 admitted"));
  test::member_process other{x, "w7", false, true, test::tiny_data(), certified("w1")};
  other.join(head.port);
  const auto why = other.end();
  CHECK(why == ec::not_trusted);
  CHECK(to_text(why).find("its certificate is of w1") != std::string::npos);
  CHECK(head.log->holds("node=w7 refused"));
}

TEST_CASE_FIXTURE(relayed, "who passes another node's hello on as its own is not admitted") {
  victim.join(stand_between(own));
  CHECK(victim.end() == ec::not_trusted);
  CHECK(head.log->holds("its certificate is of relay"));
  CHECK_FALSE(head.log->holds(" admitted role"));
}

TEST_CASE_FIXTURE(relayed, "who passes hellos on with the handle of another process is dropped") {
  const auto port = stand_between({});
  hello greeting;
  greeting.node = "w0";
  const auto there = victim.meet(port);
  const auto theirs = spawn_mock(victim.system, idle_node);
  for (int i = 0; i < access::max_strikes; ++i)
    victim.self->send(there, greeting, theirs);
  CHECK(head.log->comes("peer=relay dropped reason=\"a message that cannot be read"));
  CHECK_FALSE(head.log->holds(" admitted role"));
  caf::anon_send_exit(theirs, caf::exit_reason::kill);
}
