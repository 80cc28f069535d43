// TLS over sockets that take a little at a time: every byte once and in order, nothing kept back,
// and a peer that never stops sending leaves others their turn.
#include "transport/tls.hpp"
#include "tests/transport/meeting.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <span>

using namespace adsp;
using namespace meeting;
using transport::rw_state;

namespace {

/// Two ends of a connection, as the multiplexer drives them: a read or a write is tried again
/// later.
struct pair : fixture {
  pair() {
    std::array<int, 2> sockets{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets.data()) == 0);
    for (auto socket : sockets) {
      const int small = 4096;
      ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    }
    ends = {sockets[0], sockets[1]};
    a = make("a", sockets[0], transport::side::connecting);
    b = make("home", sockets[1], transport::side::accepting);
    std::size_t none = 0;
    for (int i = 0; i < 10; ++i) {
      REQUIRE(a->write_some(none, ends[0], {}) != rw_state::failure);
      REQUIRE(b->write_some(none, ends[1], {}) != rw_state::failure);
    }
  }
  ~pair() {
    for (auto end : ends)
      ::close(end);
  }

  std::unique_ptr<transport::tls_connection> make(const char* name, int socket,
                                                  transport::side which) {
    return std::make_unique<transport::tls_connection>(
        std::make_shared<transport::tls_context>(certified(files, name, files)), socket, which,
        std::make_shared<transport::channel>(), [](const std::string& why) { FAIL(why); });
  }

  std::array<int, 2> ends{};
  std::unique_ptr<transport::tls_connection> a;
  std::unique_ptr<transport::tls_connection> b;
};

std::vector<char> noise(std::size_t size) {
  std::mt19937 random{5};
  std::vector<char> bytes(size);
  std::ranges::generate(bytes, [&] { return static_cast<char>(random()); });
  return bytes;
}

/// Writes bytes that lie in several pieces.
rw_state write(transport::tls_connection& to, std::size_t& count, std::span<const char> bytes) {
  std::vector<iovec> pieces;
  for (std::size_t size = 1; !bytes.empty(); size = 3 * size + 5) {
    const auto piece = bytes.first(std::min(size, bytes.size()));
    pieces.push_back({const_cast<char*>(piece.data()), piece.size()});
    bytes = bytes.subspan(piece.size());
  }
  return to.write_some(count, -1, pieces);
}

} // namespace

TEST_CASE_FIXTURE(pair, "what is written arrives whole, whatever sizes are written and read") {
  const auto sent = noise(3'000'000);
  std::vector<char> got(sent.size());
  std::mt19937 random{9};
  std::size_t written = 0;
  std::size_t read = 0;
  std::size_t offered = 0; // a stream offers the same bytes until they are taken
  int idle = 0;
  while (read < sent.size()) {
    REQUIRE(++idle < 1000);
    std::size_t now = 0;
    if (written < sent.size()) {
      offered =
          std::max(offered, std::min<std::size_t>(sent.size() - written, 1 + random() % 700'000));
      REQUIRE(write(*a, now, std::span{sent}.subspan(written, offered)) == rw_state::success);
      written += now;
      offered -= now;
      idle = now > 0 ? 0 : idle;
    }
    const auto wanted = std::min<std::size_t>(got.size() - read, 1 + random() % 300'000);
    REQUIRE(b->read_some(now, ends[1], got.data() + read, wanted) == rw_state::success);
    read += now;
    idle = now > 0 ? 0 : idle;
  }
  CHECK(written == sent.size());
  CHECK(std::ranges::equal(sent, got));
}

TEST_CASE_FIXTURE(pair, "what has arrived is read without another look at the socket") {
  const auto sent = noise(3'000);
  std::size_t count = 0;
  REQUIRE(write(*a, count, sent) == rw_state::success);
  REQUIRE(count == sent.size());
  std::vector<char> got(sent.size());
  REQUIRE(b->read_some(count, ends[1], got.data(), 10) == rw_state::success);
  REQUIRE(count == 10);
  CHECK(b->must_read_more());
  REQUIRE(b->read_some(count, ends[1], got.data() + 10, got.size()) == rw_state::success);
  CHECK(count == sent.size() - 10);
  CHECK_FALSE(b->must_read_more());
}

TEST_CASE_FIXTURE(pair, "who never stops sending does not keep the reader") {
  const int large = 400'000;
  ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
  const auto sent = noise(100'003);
  std::vector<char> got(20'000);
  const auto send = [&] {
    std::size_t taken = 0;
    REQUIRE(write(*a, taken, sent) == rw_state::success);
  };
  send();
  std::size_t count = 0;
  int reads = 0;
  do { // the multiplexer's loop after a connection's turn
    REQUIRE(b->read_some(count, ends[1], got.data(), got.size()) == rw_state::success);
    send();
    ++reads;
  } while (count > 0 && b->must_read_more() && reads < 100);
  CHECK(reads < 100);
}

TEST_CASE_FIXTURE(pair, "what has come before the end of a connection is read before the end is") {
  const auto sent = noise(3'000);
  std::size_t count = 0;
  REQUIRE(write(*a, count, sent) == rw_state::success);
  ::shutdown(ends[0], SHUT_RDWR);
  std::vector<char> got(8'192);
  REQUIRE(b->read_some(count, ends[1], got.data(), got.size()) == rw_state::success);
  got.resize(count);
  CHECK(std::ranges::equal(sent, got));
  CHECK(b->read_some(count, ends[1], got.data(), got.size()) == rw_state::failure);
}

TEST_CASE_FIXTURE(pair, "nothing is to be written while a handshake waits for the other side") {
  CHECK_FALSE(a->must_read_first());
  CHECK_FALSE(b->must_read_first());
  std::array<int, 2> sockets{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets.data()) == 0);
  const auto waiting = make("home", sockets[1], transport::side::accepting);
  std::size_t count = 0;
  CHECK(write(*waiting, count, noise(100)) == rw_state::success);
  CHECK(count == 0);
  CHECK(waiting->must_read_first());
  for (auto socket : sockets)
    ::close(socket);
}
