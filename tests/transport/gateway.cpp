// The door between processes, over loopback: who belongs to the cluster comes in, whoever else does not, and none of it
// harms those who are in.
#include "transport/gateway.hpp"
#include "messages/protocol.hpp"
#include "messages/system_config.hpp"
#include "tests/security/folder.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <chrono>
#include <fstream>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace adsp;

namespace {

constexpr std::chrono::seconds patience{30};

/// Lines of refusals; the multiplexer's thread adds them.
class lines {
public:
  void add(const std::string& line) {
    const std::lock_guard lock{mutex_};
    lines_.push_back(line);
  }
  /// Waits until `count` lines hold `part`.
  bool come(const std::string& part, std::size_t count = 1) const {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      const std::lock_guard lock{mutex_};
      std::size_t found = 0;
      for (const auto& line : lines_)
        found += line.find(part) != std::string::npos ? 1 : 0;
      if (found >= count)
        return true;
    }
    return false;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

struct networked : system_config {
  networked() : system_config{drive::real_time} { transport::configure(*this); }
};

transport::transport_options certified(const cluster::folder& files, const std::string& name,
                                       const cluster::folder& trusted) {
  return {true,
          (files / (name + ".pem")).string(),
          (files / (name + ".key")).string(),
          (trusted / "ca.pem").string(),
          {}};
}

door_actor::behavior_type door(door_actor::pointer, int) {
  return {[](alive_atom) { return alive_atom::value; }};
}

/// Listens on loopback.
class listener {
public:
  explicit listener(transport::transport_options x) {
    x.log = [this](const std::string& line) { said.add(line); };
    gateway_ = std::make_unique<transport::gateway>(system_, x);
    actor_ = system_.spawn(door, 0);
    const auto port = gateway_->publish(actor_, {"127.0.0.1", 0});
    REQUIRE(port);
    port_ = *port;
  }
  ~listener() { caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown); }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  std::uint16_t port() const { return port_; }

  lines said;

private:
  networked config_;
  caf::actor_system system_{config_};
  std::unique_ptr<transport::gateway> gateway_;
  door_actor actor_;
  std::uint16_t port_ = 0;
};

/// A process that connects and keeps the connection.
class visitor {
public:
  visitor(transport::transport_options x, std::uint16_t port) {
    x.log = [](const std::string&) {};
    gateway_ = std::make_unique<transport::gateway>(system_, x);
    if (auto found = gateway_->connect<door_actor>({"127.0.0.1", port}))
      remote_ = *found;
  }

  /// Whether it has been let in and is answered.
  bool is_in() {
    bool answered = false;
    if (remote_)
      self_->request(remote_, patience, alive_atom::value)
          .receive([&](alive_atom) { answered = true; }, [](const caf::error&) {});
    return answered;
  }

private:
  networked config_;
  caf::actor_system system_{config_};
  caf::scoped_actor self_{system_};
  std::unique_ptr<transport::gateway> gateway_;
  door_actor remote_;
};

int connected(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at = {};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  return socket;
}

void say(int socket, const std::string& bytes) {
  CHECK(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(bytes.size()));
}

/// Waits until the other side has ended the connection.
void read_to_end(int socket) {
  char part[4096];
  while (::recv(socket, part, sizeof part, 0) > 0) {
  }
  ::close(socket);
}

long resident_kilobytes() {
  std::ifstream in{"/proc/self/statm"};
  long all = 0;
  long resident = 0;
  in >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / 1024;
}

/// A header of BASP: a server's handshake that announces so many bytes.
std::string header_announcing(std::uint32_t bytes) {
  std::string x(32, '\0');
  for (int i = 0; i < 4; ++i)
    x[static_cast<std::size_t>(4 + i)] = static_cast<char>(bytes >> (24 - 8 * i));
  return x;
}

struct fixture {
  fixture() {
    const auto now = std::chrono::system_clock::now();
    files.issue({"home", "a", "b"}, now);
    others.issue({"a"}, now);
  }

  cluster::folder files;
  cluster::folder others;
};

} // namespace

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
    CHECK(home.said.come("refused reason=\"certificate verify failed\""));
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
    CHECK(home.said.come("refused reason=\"certificate verify failed\""));
  }
  SUBCASE("noise, which once ended everybody's connection") {
    const auto socket = connected(home.port());
    std::string noise(4096, '\0');
    for (std::size_t i = 0; i < noise.size(); ++i)
      noise[i] = static_cast<char>((i * 2654435761U) >> 13);
    say(socket, noise);
    read_to_end(socket);
    CHECK(home.said.come("refused reason=\"wrong version number\""));
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

TEST_CASE("without TLS, too, nobody makes a process take memory by announcing a lot") {
  listener home{{}};
  visitor a{{}, home.port()};
  CHECK(a.is_in());
  const auto before = resident_kilobytes();
  for (std::uint32_t bytes : {0xFFFFFFFFU, 0x7FFFFFFFU, 100'000'000U, 70'000U}) {
    const auto socket = connected(home.port());
    say(socket, header_announcing(bytes));
    read_to_end(socket);
  }
  CHECK(resident_kilobytes() - before < 50'000);
  CHECK(a.is_in());
}

TEST_CASE_FIXTURE(fixture, "of many connections that say nothing few are kept") {
  listener home{certified(files, "home", files)};
  visitor a{certified(files, "a", files), home.port()};
  const auto before = resident_kilobytes();
  std::vector<int> silent;
  for (int i = 0; i < 500; ++i)
    silent.push_back(connected(home.port()));
  CHECK(home.said.come("it does not say who it is", 500 - transport::max_strangers));
  CHECK(resident_kilobytes() - before < 50'000);
  CHECK(a.is_in());
  for (auto socket : silent)
    ::close(socket);
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
