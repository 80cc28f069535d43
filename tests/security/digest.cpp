// The digest against the examples of its standard.
#include "security/digest.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace adsp::security;

namespace {

std::string hex_of(const digest& x) {
  std::string text;
  for (const auto byte : x)
    for (const auto digit : {byte >> 4, byte & 15})
      text += "0123456789abcdef"[digit];
  return text;
}

} // namespace

TEST_CASE("SHA-256 of the standard's examples") {
  CHECK(hex_of(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex_of(sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex_of(sha256(std::string(1'000'000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
