#include "bench/wire/raw_tcp.hpp"

#include <chrono>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace wire {

namespace {

constexpr std::size_t buffer_size = 1 << 18;

void put(int socket, const char* from, std::size_t size) {
  while (size > 0) {
    const auto written = ::send(socket, from, size, MSG_NOSIGNAL);
    if (written <= 0)
      std::abort();
    from += written;
    size -= static_cast<std::size_t>(written);
  }
}

void echo(int listening) {
  const int socket = ::accept(listening, nullptr, nullptr);
  std::vector<char> buffer(buffer_size);
  for (ssize_t size; (size = ::recv(socket, buffer.data(), buffer.size(), 0)) > 0;)
    put(socket, buffer.data(), static_cast<std::size_t>(size));
  ::close(socket);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at = {};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  return at;
}

} // namespace

std::uint16_t start_echo() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  auto at = loopback(0);
  socklen_t size = sizeof at;
  if (::bind(socket, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(socket, 1) != 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    std::abort();
  std::thread{[socket] { echo(socket); }}.detach();
  return ntohs(at.sin_port);
}

int connect_to_echo(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const auto at = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
    std::abort();
  return socket;
}

double echo_once(int socket, const std::vector<char>& bytes) {
  static std::vector<char> back(buffer_size);
  const auto began = std::chrono::steady_clock::now();
  std::jthread writer{[&] { put(socket, bytes.data(), bytes.size()); }};
  for (std::size_t got = 0; got < bytes.size();) {
    const auto size = ::recv(socket, back.data(), back.size(), 0);
    if (size <= 0)
      std::abort();
    got += static_cast<std::size_t>(size);
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

} // namespace wire
