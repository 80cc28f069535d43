#include "transport/sockets.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

namespace adsp::transport {

namespace {

/// Waits up to `patience` for the connection begun on `socket`. Returns 0 if it is established,
/// else an errno. Signals do not end the wait.
int obstacle(int socket, std::chrono::milliseconds patience) {
  using clock = std::chrono::steady_clock;
  const auto until = clock::now() + patience;
  pollfd waiting{socket, POLLOUT, 0};
  int ready = 0;
  do {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
    ready = ::poll(&waiting, 1, std::max(0, static_cast<int>(left.count())));
  } while (ready < 0 && errno == EINTR);
  if (ready != 1)
    return ready < 0 ? errno : ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

} // namespace

void prepare(int socket, std::chrono::milliseconds silence) {
  const auto set = [socket](int level, int name, int value) {
    ::setsockopt(socket, level, name, &value, sizeof value);
  };
  const auto pause = std::max(1, static_cast<int>(silence.count() / 4000)); // seconds
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, pause);
  set(IPPROTO_TCP, TCP_KEEPINTVL, pause);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(silence.count()));
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
}

int connect_socket(const std::string& host, std::uint16_t port,
                   std::chrono::milliseconds patience) {
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0)
    found = nullptr;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned{found, ::freeaddrinfo};
  return connect_socket(found, patience);
}

int connect_socket(const addrinfo* addresses, std::chrono::milliseconds patience) {
  using clock = std::chrono::steady_clock;
  const auto until = clock::now() + patience;
  int untried = 0;
  for (const auto* at = addresses; at != nullptr; at = at->ai_next)
    ++untried;
  int error = ENXIO; // no such host
  for (const auto* at = addresses; at != nullptr; at = at->ai_next, --untried) {
    const int socket = ::socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0)
      continue;
    const bool begun = ::connect(socket, at->ai_addr, at->ai_addrlen) == 0 || errno == EINPROGRESS;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
    error = begun ? obstacle(socket, left / untried) : errno;
    if (error == 0)
      return socket;
    ::close(socket);
  }
  errno = error;
  return -1;
}

bool send_pieces(int socket, std::span<const iovec> pieces, std::size_t& sent) {
  sent = 0;
  if (pieces.empty())
    return true;
  msghdr message = {};
  message.msg_iov = const_cast<iovec*>(pieces.data()); // sendmsg only reads
  message.msg_iovlen = pieces.size();
  const auto taken = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  if (taken < 0)
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  sent = static_cast<std::size_t>(taken);
  return true;
}

void shut_down(int socket) {
  ::shutdown(socket, SHUT_RDWR);
}

std::string name_of_peer(int socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  auto* at = reinterpret_cast<sockaddr*>(&address);
  if (::getpeername(socket, at, &size) != 0 ||
      ::getnameinfo(at, size, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "unknown";
  return std::string{host.data()} + ":" + port.data();
}

void raise_file_limit() {
  rlimit files = {};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
    return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

} // namespace adsp::transport
