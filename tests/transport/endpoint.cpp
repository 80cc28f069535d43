// Where a process listens, as it is read and written.
#include "transport/endpoint.hpp"

#include <doctest/doctest.h>

using namespace adsp::transport;

TEST_CASE("an endpoint is written as it is read") {
  for (const auto* text : {"10.0.0.1:7000", "[::1]:7000", "[fe80::1]:0", "a.example:65535"}) {
    CAPTURE(text);
    const auto at = parse_endpoint(text);
    REQUIRE(at);
    CHECK(to_string(*at) == text);
  }
  for (const auto* text : {"", "a", ":1", "a:", "a:b", "a:65536", "::1:7000", "[]:1"})
    CHECK_FALSE(parse_endpoint(text));
}

TEST_CASE("some addresses are every address of a machine, some only reach itself") {
  for (const auto* host : {"0.0.0.0", "::"})
    CHECK(is_everywhere(host));
  for (const auto* host : {"10.0.0.1", "127.0.0.1", "::1", "localhost", "a.example"})
    CHECK_FALSE(is_everywhere(host));
  for (const auto* host : {"127.0.0.1", "127.9.9.9", "::1", "localhost"})
    CHECK(is_loopback(host));
  for (const auto* host : {"0.0.0.0", "::", "10.0.0.1", "a.example"})
    CHECK_FALSE(is_loopback(host));
}
