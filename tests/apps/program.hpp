// The program as a user starts it: a real process, its exit code and what it says.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace program {

struct outcome {
  int exit = -1;
  std::string output; ///< standard output and error
};

inline std::string drained(std::FILE* from) {
  std::string text;
  std::array<char, 4096> part;
  while (const auto size = std::fread(part.data(), 1, part.size(), from))
    text.append(part.data(), size);
  return text;
}

/// `shell`: commands that prepare the process.
inline outcome adsp(const std::string& arguments, const std::string& shell = "") {
  auto* pipe = ::popen((shell + ADSP_BINARY " " + arguments + " 2>&1 </dev/null").c_str(), "r");
  REQUIRE(pipe != nullptr);
  outcome x;
  x.output = drained(pipe);
  const auto status = ::pclose(pipe);
  x.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return x;
}

/// Commands that have standard output go to a disk that is full.
inline constexpr const char* full_disk = "exec 3>&1; full() { \"$@\" 2>&3 >/dev/full; }; full ";

/// One line of error and nothing else, that holds `part`.
inline void check_refused(const outcome& x, int exit, const std::string& part) {
  CAPTURE(x.output);
  CHECK(x.exit == exit);
  CHECK(x.output.find(part) != std::string::npos);
  CHECK(std::count(x.output.begin(), x.output.end(), '\n') == 1);
  CHECK(x.output.find("terminate") == std::string::npos);
}

/// Sends `signal` when the program has said `word`.
inline outcome signalled(std::vector<std::string> arguments, const std::string& word, int signal) {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(pipe[1], 1);
    ::dup2(pipe[1], 2);
    ::close(pipe[0]);
    std::string name = "adsp";
    std::vector<char*> list{name.data()};
    for (auto& x : arguments)
      list.push_back(x.data());
    list.push_back(nullptr);
    ::execv(ADSP_BINARY, list.data());
    ::_exit(99);
  }
  ::close(pipe[1]);
  outcome x;
  for (char c = 0; x.output.find(word) == std::string::npos && ::read(pipe[0], &c, 1) == 1;)
    x.output += c;
  CHECK(::kill(child, signal) == 0);
  auto* rest = ::fdopen(pipe[0], "r");
  x.output += drained(rest);
  std::fclose(rest);
  int status = 0;
  CHECK(::waitpid(child, &status, 0) == child);
  x.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return x;
}

} // namespace program
