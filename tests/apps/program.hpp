// The program as a user starts it: a real process, its exit code and what it says.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <sys/wait.h>

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

/// One line of error and nothing else, that holds `part`.
inline void check_refused(const outcome& x, int exit, const std::string& part) {
  CAPTURE(x.output);
  CHECK(x.exit == exit);
  CHECK(x.output.find(part) != std::string::npos);
  CHECK(std::count(x.output.begin(), x.output.end(), '\n') == 1);
  CHECK(x.output.find("terminate") == std::string::npos);
}

} // namespace program
