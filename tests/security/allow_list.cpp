// Who may be what, by name.
#include "security/allow_list.hpp"

#include "security/node_name.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace adsp::security;

TEST_CASE("a rule lets the names it matches have its roles") {
  const allow_list list{{{"pi-*", {"worker"}}, {"home", {"scheduler", "ps"}}, {"*-gpu-*", {"ps"}}}};
  CHECK(list.allows("pi-3", "worker"));
  CHECK(list.allows("pi-", "worker"));
  CHECK(list.allows("home", "ps"));
  CHECK(list.allows("big-gpu-1", "ps"));
  CHECK_FALSE(list.allows("pi-3", "ps"));
  CHECK_FALSE(list.allows("pi", "worker"));
  CHECK_FALSE(list.allows("my-pi-3", "worker"));
  CHECK_FALSE(list.allows("home2", "ps"));
  CHECK_FALSE(list.allows("Home", "ps"));
  CHECK_FALSE(list.allows("home", ""));
  CHECK_FALSE(allow_list{}.allows("home", "ps"));
}

TEST_CASE("a star matches any name, and only names") {
  const allow_list list{{{"*", {"worker"}}}};
  CHECK(list.allows("a", "worker"));
  CHECK(list.allows("a.b", "worker"));
  for (const auto* name : {"", ".a", "-a", "a/b", "a b", "a\n"})
    CHECK_FALSE(list.allows(name, "worker"));
  CHECK_FALSE(list.allows(std::string(64, 'a'), "worker"));
  CHECK_FALSE(list.allows(std::string("a\0b", 3), "worker"));
}

TEST_CASE("nothing but a star is special in a pattern") {
  for (const auto* pattern : {"?", "[a-z]", "\\a", "", "a b"}) {
    CAPTURE(pattern);
    CHECK_FALSE(is_name_pattern(pattern));
    CHECK_FALSE(allow_list{{{pattern, {"worker"}}}}.allows("a", "worker"));
  }
  CHECK_FALSE(allow_list{{{"a.c", {"worker"}}}}.allows("abc", "worker"));
}

TEST_CASE("what a stranger has supplied stays in its line") {
  CHECK(printable("sync.policy") == "sync.policy");
  CHECK(printable("a\nadsp: \"b\"\\\x7f\xff") == R"(a\x0aadsp: \x22b\x22\x5c\x7f\xff)");
  CHECK(printable(std::string(100, 'x')) == std::string(64, 'x') + "...");
}
