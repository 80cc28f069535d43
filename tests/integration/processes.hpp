// Processes of `adsp node` that run beside the test, over loopback.
#pragma once

#include "tests/apps/program.hpp"
#include "tests/resident_memory.hpp"
#include "tests/slowness.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace program {

/// No test waits longer for anything; nothing is expected to take that long.
inline constexpr std::chrono::seconds patience{60 * sanitizers::slowness};

/// Waits until `reached()`; `what` says for what, and how things stand. Counts how often it looks
/// and not the clock's time, in which the whole machine may have stood still.
template <class Predicate, class Text>
void wait_until(Predicate reached, Text what, std::chrono::milliseconds most = patience) {
  constexpr std::chrono::milliseconds pause{20};
  for (auto left = most; !reached(); left -= pause) {
    INFO(what());
    REQUIRE(left.count() > 0);
    std::this_thread::sleep_for(pause);
  }
}

/// How often `text` holds `word`.
inline int count(const std::string& text, const std::string& word) {
  int found = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
    ++found;
  return found;
}

/// One process, its output in a file; killed when nobody has waited for it.
class process {
public:
  /// `launcher`: the words of a command that starts the program with what follows.
  process(std::vector<std::string> arguments, const std::filesystem::path& log,
          std::vector<std::string> launcher = {}, const char* program = ADSP_BINARY)
      : log_{log} {
    launcher.emplace_back(program);
    arguments.insert(arguments.begin(), launcher.begin(), launcher.end());
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      const int file = ::open(log.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
      ::dup2(file, 1);
      ::dup2(file, 2);
      std::vector<char*> list;
      list.reserve(arguments.size() + 1);
      for (auto& x : arguments)
        list.push_back(x.data());
      list.push_back(nullptr);
      ::execvp(list.front(), list.data());
      ::_exit(99);
    }
  }
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  ~process() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
  }

  pid_t id() const { return child_; }
  void send(int signal) const { CHECK(::kill(child_, signal) == 0); }

  std::string output() const {
    std::ifstream in{log_};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  /// Waits until it has said `word`, `times` times.
  void until(const std::string& word, int times = 1) const {
    wait_until([&] { return count(output(), word) >= times; },
               [&] { return word + " in:\n" + output(); });
  }

  /// Waits for its end; the exit code.
  int wait(std::chrono::seconds most = patience) {
    int status = 0;
    wait_until([&] { return ::waitpid(child_, &status, WNOHANG) != 0; },
               [&] { return "still running:\n" + output(); }, most);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  /// Kilobytes of memory in use.
  long memory() const { return memory::resident_kilobytes(std::to_string(child_)); }

private:
  std::filesystem::path log_;
  pid_t child_ = -1;
};

/// A socket connected to `port` of this machine, from the address `from` of its loopback.
inline int connected(std::uint16_t port, const std::string& from = "127.0.0.1") {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in here = {};
  here.sin_family = AF_INET;
  ::inet_pton(AF_INET, from.c_str(), &here.sin_addr);
  if (::bind(socket, reinterpret_cast<sockaddr*>(&here), sizeof here) != 0)
    return -1;
  sockaddr_in at = {};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(socket, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 ? socket : -1;
}

/// A port that is held, so that nobody else is given it, neither to listen on nor to connect from.
/// Nobody is reached there until a process of the test listens, with SO_REUSEADDR as all of them
/// do.
class reserved_port {
public:
  reserved_port() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const int on = 1;
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    number_ = ntohs(at.sin_port);
  }
  reserved_port(const reserved_port&) = delete;
  reserved_port& operator=(const reserved_port&) = delete;
  ~reserved_port() { ::close(socket_); }

  operator std::uint16_t() const { return number_; }

private:
  int socket_;
  std::uint16_t number_ = 0;
};

} // namespace program
