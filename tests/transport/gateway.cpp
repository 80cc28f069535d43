// The door between processes, over loopback: who belongs to the cluster comes in, whoever else does
// not, and none of it harms those who are in.
#include "tests/resident_memory.hpp"
#include "tests/transport/meeting.hpp"

#include <caf/io/middleman.hpp>

#include <stdexcept>

using namespace adsp;
using namespace meeting;

TEST_CASE_FIXTURE(fixture, "nodes of one cluster talk over TLS, nobody else is let in") {
  listener home{certified(files, "home", files)};
  visitor a{certified(files, "a", files), home.port()};
  CHECK(a.is_in());
  SUBCASE("of another authority") {
    visitor stranger{certified(others, "a", others), home.port()};
    CHECK_FALSE(stranger.is_in());
  }
  SUBCASE("with a certificate of another authority") {
    visitor impostor{certified(others, "a", files), home.port()};
    CHECK_FALSE(impostor.is_in());
    CHECK(home.said.come("certificate verify failed: "));
  }
  SUBCASE("with a certificate that has expired") {
    const auto day = std::chrono::hours{24};
    const auto now = std::chrono::system_clock::now();
    const auto old =
        security::issuer{files.credentials("ca")}.issue("b", {now - 2 * day, now - day});
    files.write("b.pem", old.certificate);
    files.write("b.key", old.key);
    visitor late{certified(files, "b", files), home.port()};
    CHECK_FALSE(late.is_in());
    CHECK(home.said.come("refused reason=\"certificate verify failed: certificate has expired\""));
  }
  SUBCASE("noise, which once ended everybody's connection") {
    const auto socket = connected(home.port());
    std::string noise(4096, '\0');
    for (std::size_t i = 0; i < noise.size(); ++i)
      noise[i] = static_cast<char>((i * 2654435761U) >> 13);
    say(socket, noise);
    read_to_end(socket);
    CHECK(home.said.come("refused reason=\"it does not speak TLS: give --certificates"));
  }
  SUBCASE("the first bytes of a plain connection") {
    const auto socket = connected(home.port());
    say(socket, header_announcing(0xFFFFFFFF));
    read_to_end(socket);
  }
  CHECK(a.is_in());
  visitor b{certified(files, "a", files), home.port()};
  CHECK(b.is_in());
}

TEST_CASE_FIXTURE(fixture, "where one side alone speaks TLS it is said") {
  SUBCASE("who listens") {
    listener home{certified(files, "home", files)};
    visitor plain{{}, home.port()};
    CHECK_FALSE(plain.is_in());
    CHECK(home.said.come("\"it does not speak TLS: give --certificates on both sides\""));
  }
  SUBCASE("who connects") {
    listener home{{}};
    visitor secure{certified(files, "a", files), home.port()};
    CHECK_FALSE(secure.is_in());
    CHECK(home.said.come("\"it speaks TLS: give --certificates on both sides\""));
  }
}

TEST_CASE("without TLS, too, nobody makes a process take memory by announcing a lot") {
  listener home{{}};
  visitor a{{}, home.port()};
  CHECK(a.is_in());
  const auto before = memory::resident_kilobytes();
  for (std::uint32_t bytes : {0xFFFFFFFFU, 0x7FFFFFFFU, 100'000'000U, 70'000U}) {
    const auto socket = connected(home.port());
    say(socket, header_announcing(bytes));
    read_to_end(socket);
    CHECK(home.said.come("it announces a message of " + std::to_string(bytes) + " bytes"));
  }
  CHECK(memory::resident_kilobytes() - before < memory::most_growth);
  CHECK(a.is_in());
}

TEST_CASE_FIXTURE(fixture, "of many connections that say nothing few are kept") {
  listener home{certified(files, "home", files)};
  visitor a{certified(files, "a", files), home.port()};
  const auto before = memory::resident_kilobytes();
  std::vector<int> silent;
  silent.reserve(500);
  for (int i = 0; i < 500; ++i)
    silent.push_back(connected(home.port()));
  CHECK(home.said.come("it does not say who it is", 500 - transport::max_unidentified));
  CHECK(memory::resident_kilobytes() - before < memory::most_growth);
  CHECK(a.is_in());
  for (auto socket : silent)
    ::close(socket);
}

TEST_CASE_FIXTURE(fixture, "who is connected and says nothing keeps no process from ending") {
  int silent = -1;
  {
    listener home{certified(files, "home", files)};
    silent = connected(home.port());
    visitor a{certified(files, "a", files), home.port()}; // has been accepted after it
    CHECK(a.is_in());
  }
  read_to_end(silent);
}

TEST_CASE_FIXTURE(fixture, "files that are no certificates are refused at once") {
  networked config;
  caf::actor_system system{config};
  auto x = certified(files, "a", files);
  x.key = (files / "home.key").string(); // of another certificate
  CHECK_THROWS_AS((transport::gateway{system, x}), std::runtime_error);
  x.certificate = "/nowhere.pem";
  CHECK_THROWS_AS((transport::gateway{system, x}), std::runtime_error);
}

TEST_CASE("a gateway's actor system has to be set up for it") {
  system_config config{drive::real_time};
  config.load<caf::io::middleman>();
  caf::actor_system system{config};
  CHECK_THROWS_AS((transport::gateway{system, {}}), std::logic_error);
}

TEST_CASE("who speaks another protocol is told so when it connects") {
  listener home{{}};
  networked config;
  config.set("middleman.app-identifiers", std::vector<std::string>{"adsp 0"});
  caf::actor_system system{config};
  transport::gateway gateway{system, {}};
  const auto found = gateway.connect<port_marker_actor>({"127.0.0.1", home.port()});
  REQUIRE_FALSE(found);
  CHECK(found.error() == caf::sec::incompatible_application_ids);
}
