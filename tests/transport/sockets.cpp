// What a connection's socket is asked to do.
#include "transport/sockets.hpp"

#include <doctest/doctest.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace adsp::transport;

namespace {

int option(int socket, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(socket, level, name, &value, &size) == 0);
  return value;
}

} // namespace

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
