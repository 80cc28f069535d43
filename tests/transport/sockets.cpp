// What a connection's socket is asked to do.
#include "transport/sockets.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace adsp::transport;

namespace {

int option(int socket, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(socket, level, name, &value, &size) == 0);
  return value;
}

/// Listens on loopback, with a queue that has room, or is full until somebody is accepted.
struct listener {
  explicit listener(bool full = true) {
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(socket, full ? 0 : 8) == 0);
    REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    for (int i = 0; full && i < 8; ++i) {
      waiting.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
      (void)::connect(waiting.back(), reinterpret_cast<sockaddr*>(&at), size);
    }
  }
  ~listener() {
    for (int each : waiting)
      ::close(each);
    ::close(socket);
  }

  int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at = {};
  std::vector<int> waiting;
};

} // namespace

TEST_CASE("a signal does not end the wait for a connection") {
  struct sigaction ignore = {};
  ignore.sa_handler = [](int) {};
  struct sigaction before = {};
  REQUIRE(::sigaction(SIGUSR1, &ignore, &before) == 0);
  listener busy;
  std::atomic<bool> done = false;
  int found = -1;
  std::thread connecting{[&] {
    found = connect_socket("127.0.0.1", ntohs(busy.at.sin_port), std::chrono::seconds{60});
    done = true;
  }};
  for (int i = 0; i < 20'000 && !done; ++i)
    ::pthread_kill(connecting.native_handle(), SIGUSR1);
  CHECK_FALSE(done); // it goes on waiting
  for (int each : busy.waiting)
    ::close(each);
  busy.waiting.clear();
  std::thread accepting{[&] {
    while (!done) {
      const int next = ::accept4(busy.socket, nullptr, nullptr, SOCK_NONBLOCK);
      if (next >= 0)
        ::close(next);
    }
  }};
  connecting.join();
  ::shutdown(busy.socket, SHUT_RDWR); // ends a wait in accept4
  accepting.join();
  CHECK(found >= 0);
  ::close(found);
  ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_CASE("silent addresses leave time for the one that answers, and take no more than one alone") {
  std::vector<listener> silent(3);
  listener open{false};
  const auto connect = [](std::vector<listener*> at) {
    std::vector<addrinfo> list(at.size());
    for (std::size_t i = 0; i < at.size(); ++i) {
      list[i].ai_family = AF_INET;
      list[i].ai_addr = reinterpret_cast<sockaddr*>(&at[i]->at);
      list[i].ai_addrlen = sizeof at[i]->at;
      list[i].ai_next = i + 1 < at.size() ? &list[i + 1] : nullptr;
    }
    const auto began = std::chrono::steady_clock::now();
    const int socket = connect_socket(list.data(), std::chrono::seconds{1});
    return std::pair{socket, std::chrono::steady_clock::now() - began};
  };
  const auto [none, alone] = connect({&silent[0]});
  CHECK(none == -1);
  CHECK(errno == ETIMEDOUT);
  const auto [neither, together] = connect({&silent[0], &silent[1], &silent[2]});
  CHECK(neither == -1);
  CHECK(together < 2 * alone);
  const auto [socket, taken] = connect({&silent[0], &silent[1], &open});
  CHECK(socket >= 0);
  CHECK(taken < alone);
  ::close(socket);
}

TEST_CASE("a connection fails when the other machine confirms nothing") {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  prepare(socket, std::chrono::seconds{10});
  CHECK(option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT) == 10'000);
  CHECK(option(socket, SOL_SOCKET, SO_KEEPALIVE) == 1);
  CHECK(option(socket, IPPROTO_TCP, TCP_KEEPIDLE) == 2);
  CHECK(option(socket, IPPROTO_TCP, TCP_KEEPINTVL) == 2);
  prepare(socket, std::chrono::seconds{1}); // asked whole seconds apart
  CHECK(option(socket, IPPROTO_TCP, TCP_KEEPIDLE) == 1);
  ::close(socket);
}
