// Processes that meet over loopback, and sockets that say what a test wants.
#pragma once

#include "actors/clock/system_config.hpp"
#include "messages/protocol.hpp"
#include "tests/mock.hpp"
#include "tests/security/folder.hpp"
#include "tests/transport/frames.hpp"
#include "transport/gateway.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <chrono>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace meeting {

using namespace adsp;

inline constexpr std::chrono::seconds patience{30};

/// Lines of refusals; the multiplexer's thread adds them.
class lines {
public:
  void add(const std::string& line) {
    const std::lock_guard lock{mutex_};
    lines_.push_back(line);
  }
  bool has(const std::string& part) const { return count_of(part) > 0; }
  /// Waits until `count` lines hold `part`.
  bool come(const std::string& part, std::size_t count = 1) const {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end)
      if (count_of(part) >= count)
        return true;
    return false;
  }

private:
  std::size_t count_of(const std::string& part) const {
    const std::lock_guard lock{mutex_};
    std::size_t found = 0;
    for (const auto& line : lines_)
      found += line.find(part) != std::string::npos ? 1 : 0;
    return found;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

struct networked : system_config {
  networked() : system_config{drive::real_time} { transport::configure(*this); }
};

inline transport::transport_options certified(const certificate_files::folder& files,
                                              const std::string& name,
                                              const certificate_files::folder& trusted) {
  return {true,
          (files / (name + ".pem")).string(),
          (files / (name + ".key")).string(),
          (trusted / "ca.pem").string(),
          {}};
}

/// Notes where what reaches it comes from.
inline test::mock<port_marker_actor> port_marker(caf::event_based_actor* self,
                                                 const std::shared_ptr<lines>& heard) {
  return {[=](alive_atom) {
    const auto& sender = self->current_sender();
    heard->add("from " + to_string(sender ? sender->node() : caf::node_id{}));
    return alive_atom::value;
  }};
}

/// Listens on loopback.
class listener {
public:
  explicit listener(transport::transport_options x,
                    std::shared_ptr<transport::peer_rules> rights = nullptr, std::uint16_t at = 0) {
    x.log = [this](const std::string& line) { said.add(line); };
    gateway_ = std::make_unique<transport::gateway>(system_, x, all, std::move(rights));
    actor_ = spawn_mock(system_, port_marker, heard);
    const auto port = gateway_->publish(actor_, {"127.0.0.1", at});
    REQUIRE(port);
    port_ = *port;
  }
  ~listener() { caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown); }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  std::uint16_t port() const { return port_; }
  caf::actor_id door_id() const { return actor_.id(); }
  frames::somebody process() const { return frames::somebody{system_.node()}; }

  lines said;
  std::shared_ptr<lines> heard = std::make_shared<lines>();
  std::shared_ptr<transport::peers> all = std::make_shared<transport::peers>();

private:
  networked config_;
  caf::actor_system system_{config_};
  std::unique_ptr<transport::gateway> gateway_;
  port_marker_actor actor_;
  std::uint16_t port_ = 0;
};

/// A process that connects and keeps the connection.
class visitor {
public:
  visitor(transport::transport_options x, std::uint16_t port) {
    x.log = [](const std::string&) {};
    gateway_ = std::make_unique<transport::gateway>(system_, x, all_);
    if (auto found = gateway_->connect<port_marker_actor>({"127.0.0.1", port}))
      remote_ = *found;
  }

  caf::node_id process() const { return system_.node(); }
  /// Who the other end of its connection to the process is.
  std::optional<std::string> connected_as(const caf::node_id& to) const {
    return all_->connected_as(to);
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
  std::shared_ptr<transport::peers> all_ = std::make_shared<transport::peers>();
  std::unique_ptr<transport::gateway> gateway_;
  port_marker_actor remote_;
};

inline int connected(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at = {};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  return socket;
}

inline void say(int socket, const std::string& bytes) {
  CHECK(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(bytes.size()));
}

/// Waits until the other side has ended the connection.
inline void read_to_end(int socket) {
  char part[4096];
  while (::recv(socket, part, sizeof part, 0) > 0) {
  }
  ::close(socket);
}

/// The header of a greeting that announces so many bytes.
inline std::string header_announcing(std::uint32_t bytes) {
  return frames::bytes_of(frames::header(frames::kind::client_handshake, bytes));
}

struct fixture {
  fixture() {
    const auto now = std::chrono::system_clock::now();
    files.issue({"home", "a", "b"}, now);
    others.issue({"a"}, now);
  }

  certificate_files::folder files;
  certificate_files::folder others;
};

} // namespace meeting
