// A link with a delay for the tests: passes the bytes of each TCP connection on, in both
// directions, some time after they came. relay LISTEN_HOST PORT TARGET_HOST PORT MILLISECONDS
// LATER_MILLISECONDS: the second delay holds from SIGUSR1 on. At SIGUSR2 the connections that are
// there break without a word: nothing passes any more, and neither end is told. At SIGHUP the one
// that came last is reset. IPv4 addresses.
#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <fcntl.h>
#include <list>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t most_on_the_way = 64 << 20; // of one direction, bytes

volatile std::sig_atomic_t later = 0;
volatile std::sig_atomic_t breaks = 0;
volatile std::sig_atomic_t resets = 0;

/// One direction of a connection.
struct direction {
  struct piece {
    clock::time_point due;
    std::vector<char> bytes;
  };

  bool wants_input() const { return !ended && waiting < most_on_the_way; }
  bool wants_output(clock::time_point now) const {
    return !pieces.empty() && pieces.front().due <= now;
  }

  /// False when the connection has failed.
  bool read(int from, clock::duration delay) {
    std::vector<char> bytes(64 << 10);
    const auto n = ::recv(from, bytes.data(), bytes.size(), 0);
    if (n < 0)
      return errno == EAGAIN || errno == EINTR;
    ended = n == 0;
    bytes.resize(static_cast<std::size_t>(n));
    waiting += bytes.size();
    const auto due = clock::now() + delay;
    pieces.push_back({pieces.empty() ? due : std::max(due, pieces.back().due), std::move(bytes)});
    return true;
  }

  bool write(int to) {
    auto& first = pieces.front().bytes;
    if (first.empty()) { // the end
      pieces.pop_front();
      return ::shutdown(to, SHUT_WR) == 0;
    }
    const auto n = ::send(to, first.data() + sent, first.size() - sent, MSG_NOSIGNAL);
    if (n < 0)
      return errno == EAGAIN || errno == EINTR;
    sent += static_cast<std::size_t>(n);
    waiting -= static_cast<std::size_t>(n);
    if (sent == first.size()) {
      pieces.pop_front();
      sent = 0;
    }
    return true;
  }

  std::deque<piece> pieces;
  std::size_t waiting = 0;
  std::size_t sent = 0; ///< of the first piece
  bool ended = false;
};

struct connection {
  int ends[2];            ///< who has connected, and whom it is connected to
  direction from_end[2];  ///< what came in at each
  bool connected = false; ///< to the target
  bool broken = false;

  bool over() const {
    return from_end[0].ended && from_end[1].ended && from_end[0].pieces.empty() &&
           from_end[1].pieces.empty();
  }
};

sockaddr_in address(const char* host, const char* port) {
  sockaddr_in at = {};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  ::inet_pton(AF_INET, host, &at.sin_addr);
  return at;
}

void make_ready(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
}

std::optional<connection> accepted(int door, const sockaddr_in& target) {
  const int from = ::accept(door, nullptr, nullptr);
  if (from < 0)
    return std::nullopt;
  const int to = ::socket(AF_INET, SOCK_STREAM, 0);
  make_ready(from);
  make_ready(to);
  (void)::connect(to, reinterpret_cast<const sockaddr*>(&target), sizeof target);
  return connection{{from, to}, {}};
}

/// Tells both ends that it is over.
void reset(const connection& x) {
  const linger at_once{1, 0};
  for (const int end : x.ends) {
    ::setsockopt(end, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(end);
  }
}

/// Moves what can be moved; false when the connection is over.
bool serve(connection& x, const pollfd* events, clock::duration delay) {
  if (!x.connected && (events[1].revents & (POLLOUT | POLLERR | POLLHUP)) != 0) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(x.ends[1], SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
      return false;
    x.connected = true;
  }
  for (int i : {0, 1}) {
    auto& out = x.from_end[1 - i];
    if ((events[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && x.from_end[i].wants_input() &&
        (i == 0 || x.connected) && !x.from_end[i].read(x.ends[i], delay))
      return false;
    while (x.connected && (events[i].revents & POLLOUT) != 0 && out.wants_output(clock::now())) {
      const auto before = out.waiting;
      const auto pieces = out.pieces.size();
      if (!out.write(x.ends[i]))
        return false;
      if (out.waiting == before && out.pieces.size() == pieces)
        break;
    }
  }
  return !x.over();
}

/// What to wait for at both ends; `soonest` comes down to when a piece is due.
void ask(const connection& x, std::vector<pollfd>& events, clock::time_point& soonest) {
  const auto now = clock::now();
  for (int i : {0, 1}) {
    const auto& out = x.from_end[1 - i];
    short wanted = 0;
    if (x.broken) {
      events.push_back({-1, 0, 0});
      continue;
    }
    if (x.from_end[i].wants_input() && (i == 0 || x.connected))
      wanted |= POLLIN;
    if (out.wants_output(now) || (i == 1 && !x.connected))
      wanted |= POLLOUT;
    if (!out.pieces.empty() && !out.wants_output(now))
      soonest = std::min(soonest, out.pieces.front().due);
    // Without anything to wait for the end is not looked at: a hang-up would be told again and
    // again.
    events.push_back({wanted == 0 ? -1 : x.ends[i], wanted, 0});
  }
}

} // namespace

int main(int count, char** words) {
  if (count != 7)
    return 2;
  std::signal(SIGUSR1, [](int) { later = 1; });
  std::signal(SIGUSR2, [](int) { breaks = 1; });
  std::signal(SIGHUP, [](int) { resets = 1; });
  const auto here = address(words[1], words[2]);
  const auto target = address(words[3], words[4]);
  const std::chrono::milliseconds delays[]{std::chrono::milliseconds{std::atoi(words[5])},
                                           std::chrono::milliseconds{std::atoi(words[6])}};
  const int door = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(door, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
      ::listen(door, 64) != 0)
    return 1;
  std::list<connection> links;
  for (;;) {
    if (std::exchange(breaks, 0) != 0)
      for (auto& each : links)
        each.broken = true;
    if (std::exchange(resets, 0) != 0 && !links.empty()) {
      reset(links.back());
      links.pop_back();
    }
    auto soonest = clock::now() + std::chrono::milliseconds{200};
    std::vector<pollfd> events{{door, POLLIN, 0}};
    for (const auto& each : links)
      ask(each, events, soonest);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(soonest - clock::now()).count();
    if (::poll(events.data(), events.size(), std::max(0, static_cast<int>(wait))) < 0)
      continue; // a signal
    const auto delay = delays[later];
    const pollfd* of_link = events.data() + 1;
    for (auto x = links.begin(); x != links.end(); of_link += 2) {
      const bool goes_on = serve(*x, of_link, delay);
      if (!goes_on) {
        ::close(x->ends[0]);
        ::close(x->ends[1]);
      }
      x = goes_on ? std::next(x) : links.erase(x);
    }
    if ((events[0].revents & POLLIN) != 0)
      if (auto fresh = accepted(door, target))
        links.push_back(std::move(*fresh));
  }
}
