// Processes forked from the benchmark, and the words they have with it.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <vector>

namespace wire {

/// One end of a conversation between two processes. Ends the process when the other one is gone.
class line {
public:
  explicit line(int socket) : socket_{socket} {}

  template <class T>
  void say(const T& x) const {
    static_assert(std::is_trivially_copyable_v<T>);
    write_all(&x, sizeof x);
  }

  template <class T>
  T hear() const {
    T x{};
    read_all(&x, sizeof x);
    return x;
  }

  void say_all(std::span<const double> x) const {
    say(x.size());
    write_all(x.data(), x.size_bytes());
  }

  std::vector<double> hear_all() const {
    std::vector<double> x(hear<std::size_t>());
    read_all(x.data(), sizeof(double) * x.size());
    return x;
  }

  /// Ends this process at once, without waiting for actors that serve to the end or for requests'
  /// timeouts.
  [[noreturn]] static void end() {
    std::fflush(stdout);
    ::_exit(0);
  }

private:
  void write_all(const void* from, std::size_t size) const {
    for (const auto* at = static_cast<const char*>(from); size > 0;) {
      const auto done = ::send(socket_, at, size, MSG_NOSIGNAL);
      if (done <= 0)
        ::_exit(1);
      at += done;
      size -= static_cast<std::size_t>(done);
    }
  }

  void read_all(void* to, std::size_t size) const {
    for (auto* at = static_cast<char*>(to); size > 0;) {
      const auto done = ::recv(socket_, at, size, 0);
      if (done <= 0)
        ::_exit(1);
      at += done;
      size -= static_cast<std::size_t>(done);
    }
  }

  int socket_;
};

/// Runs `work(line)` in a process of its own; work that has actors calls `line::end` at its end. To
/// be made before this process has any threads.
class child {
public:
  template <class Work>
  explicit child(Work work) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || (id_ = ::fork()) < 0)
      std::abort();
    socket_ = ends[id_ == 0 ? 1 : 0];
    ::close(ends[id_ == 0 ? 0 : 1]);
    if (id_ != 0)
      return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    work(line{socket_});
    line::end();
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() {
    ::close(socket_);
    ::waitpid(id_, nullptr, 0);
  }

  line talk() const { return line{socket_}; }

private:
  pid_t id_ = -1;
  int socket_ = -1;
};

} // namespace wire
