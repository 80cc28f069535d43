// What the configs of a cluster's nodes are compared by.
#include "apps/config/node_settings.hpp"
#include "apps/config/config.hpp"
#include "tests/apps/config/sound_config.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace adsp;
using namespace adsp::apps;

namespace {

std::uint64_t fingerprint(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const auto read = parse_config(text, "x.toml", overrides);
  REQUIRE(read.errors.empty());
  return fingerprint_of(shared_settings(read.value));
}

} // namespace

TEST_CASE("a fingerprint is the same wherever and however the same settings are written") {
  const auto expected = fingerprint(good);
  CHECK(fingerprint(good) == expected);
  CHECK(fingerprint("# of machine b\n" + good + "# the end\n") == expected);
  CHECK(
      fingerprint("[[workers]]\nbandwidth = '20Mbit' # of each\nstep_seconds = 0.05\ncount = 2\n\n"
                  "[sync]\npolicy = 'ssp'\n[job]\nmax_time = '1200s'\nname = 'x'\n") == expected);
  CHECK(fingerprint(to_toml(parse_config(good, "x.toml", {}).value)) == expected);
  CHECK(fingerprint(good, {"sync.policy=ssp"}) == expected);
}

TEST_CASE("one value that differs is another fingerprint") {
  std::vector<std::uint64_t> all{fingerprint(good)};
  for (const auto* one : {"job.name=y", "job.seed=2", "sync.policy=tap", "sync.staleness=5",
                          "workers.0.count=3", "workers.0.jitter=0.1", "cluster.lease=11s"})
    all.push_back(fingerprint(good, {one}));
  std::ranges::sort(all);
  CHECK(std::ranges::adjacent_find(all) == all.end());
}

TEST_CASE("what each machine says for itself is in no fingerprint") {
  CHECK(fingerprint(good, {"data.path=/here"}) == fingerprint(good, {"data.path=/there"}));
  CHECK(fingerprint(good + "[[cluster.allow]]\nname = 'a'\nroles = ['ps']\n") == fingerprint(good));
}

TEST_CASE("a fingerprint tells where a key ends and its value begins") {
  CHECK(fingerprint_of({{"a", "bc"}}) != fingerprint_of({{"ab", "c"}}));
  CHECK(fingerprint_of({{"a", "b"}, {"c", "d"}}) != fingerprint_of({{"a", "b1:c1:d"}}));
  // The first bytes of SHA-256 of "1:a1:b": nodes of different builds have to agree.
  CHECK(fingerprint_of({{"a", "b"}}) == 0xfacdde7abf1eac5b);
}
