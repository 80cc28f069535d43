// What `adsp compare` reads from its command line.
#include "apps/compare/variant.hpp"
#include "apps/compare/ideal_job.hpp"
#include "sync/policies.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace adsp;
using namespace adsp::apps;

namespace {

using texts = std::vector<std::string>;

variant read(std::string_view text) {
  std::string error;
  auto x = parse_variant(text, error);
  CAPTURE(error);
  REQUIRE(x);
  CHECK(error.empty());
  CHECK(x->label == text);
  return *x;
}

std::string refusal(std::string_view text) {
  std::string error;
  CHECK_FALSE(parse_variant(text, error));
  return error;
}

bool holds(const texts& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

} // namespace

TEST_CASE("a policy alone is one setting") {
  for (const auto& name : sync::policy_names()) {
    const auto x = read(name);
    CHECK(x.overrides == texts{"sync.policy=" + name});
    CHECK(x.choices.empty());
    CHECK(x.combinations() == std::vector<texts>{{}});
  }
}

TEST_CASE("the ideal machine is a variant that can be tuned, and no policy") {
  const auto x = read("ideal:optimizer.learning_rate=0.05|0.1");
  CHECK(x.ideal);
  CHECK(x.policy == "tap");
  CHECK(holds(x.overrides, "sync.average=true"));
  CHECK(x.choices.size() == 1);
  CHECK_FALSE(read("tap").ideal);
  CHECK_FALSE(sync::policy_from("ideal"));
}

TEST_CASE("the ideal machine is as fast as all workers together, without a network") {
  job plan;
  plan.ps.bandwidth = 1e6;
  plan.wire.commit.format = wire_format::int8;
  worker_group pair;
  pair.count = 2;
  pair.each_step_seconds = {0.5, 1};
  pair.latency = 3;
  pair.jitter = 0.5;
  pair.leave = 10;
  worker_group slow;
  slow.step_seconds = 4;
  plan.workers = {pair, slow};
  const auto ideal = ideal_job(plan);
  REQUIRE(ideal);
  REQUIRE(ideal->worker_count() == 1);
  const auto& all = ideal->workers[0];
  CHECK(all.step_seconds == doctest::Approx(1 / (2 + 1 + 0.25)));
  CHECK((all.latency == 0 && all.bandwidth == 0 && all.jitter == 0 && all.leave == 0));
  CHECK(all.each_step_seconds.empty());
  CHECK(ideal->ps.bandwidth == 0);
  CHECK(ideal->wire.commit.format == wire_format::fp32);
  CHECK(eta_for(*ideal, 1) == 1);
  plan.workers[1].step_seconds = 0; // as fast as it can
  CHECK_FALSE(ideal_job(plan));
}

TEST_CASE("settings of one value are fixed, of several to be chosen") {
  const auto x = read("ssp:staleness=8:optimizer.learning_rate=0.05|0.1:pull=when_stale");
  CHECK(x.overrides == texts{"sync.policy=ssp", "sync.staleness=8", "sync.pull=when_stale"});
  REQUIRE(x.choices.size() == 1);
  CHECK(x.choices[0].key == "optimizer.learning_rate");
  CHECK(x.choices[0].values == texts{"0.05", "0.1"});
}

TEST_CASE("what a variant says of itself is not up to others") {
  const auto x = read("adsp:commit_rate=4:optimizer.learning_rate=0.05|0.1");
  CHECK(x.says("sync.commit_rate"));
  CHECK(x.says("optimizer.learning_rate"));
  CHECK_FALSE(x.says("sync.commit"));
  CHECK_FALSE(x.says("sync.search"));
  CHECK(refusal("ssp:policy=bsp").find("sync.policy is what --policies names") !=
        std::string::npos);
}

TEST_CASE("combinations are every choice with every other") {
  const auto x = read("adsp:check_period=10s|20s:commit_rate=1|2|3");
  const auto all = x.combinations();
  REQUIRE(all.size() == 6);
  CHECK(all[0] == texts{"sync.check_period=10s", "sync.commit_rate=1"});
  CHECK(all[5] == texts{"sync.check_period=20s", "sync.commit_rate=3"});
  for (std::size_t i = 0; i < all.size(); ++i)
    CHECK(std::count(all.begin(), all.end(), all[i]) == 1);
}

TEST_CASE("adsp_paper and adsp+ stand for ADSP as published") {
  for (const auto* name : {"adsp_paper", "adsp+"}) {
    const auto x = read(name);
    CHECK(x.overrides.front() == "sync.policy=adsp");
    for (const auto* key :
         {"sync.reward=curve", "sync.commit_rule=cumulative", "sync.overlap=false",
          "sync.rollback=false", "sync.damping=false", "sync.average=false"})
      CHECK(holds(x.overrides, key));
  }
  const auto paper = read("adsp_paper");
  CHECK(holds(paper.overrides, "sync.search=paper"));
  CHECK(paper.choices.empty());
  const auto tried = read("adsp+");
  CHECK(tried.overrides.back() == "sync.search=none"); // the last word on a key holds
  REQUIRE(tried.choices.size() == 1);
  CHECK(tried.choices[0].key == "sync.commit_rate");
  CHECK(tried.combinations().size() == tried.choices[0].values.size());
}

TEST_CASE("what is said of a key replaces the choice that a name brings") {
  const auto fixed = read("adsp+:commit_rate=4");
  CHECK(fixed.choices.empty());
  CHECK(fixed.overrides.back() == "sync.commit_rate=4");
  const auto fewer = read("adsp+:commit_rate=1|4");
  REQUIRE(fewer.choices.size() == 1);
  CHECK(fewer.choices[0].values == texts{"1", "4"});
}

TEST_CASE("what is no variant is refused with what was found") {
  CHECK(refusal("best").find("found \"best\", expected one of bsp") != std::string::npos);
  CHECK(refusal("").find("adsp_paper") != std::string::npos);
  CHECK(refusal("ssp:").find("KEY=VALUE") != std::string::npos);
  CHECK(refusal("ssp:staleness").find("found \"staleness\"") != std::string::npos);
  CHECK(refusal("ssp:=3").find("found \"=3\"") != std::string::npos);
  CHECK(refusal("ssp:staleness=").find("found \"staleness=\"") != std::string::npos);
  CHECK(refusal("ssp:staleness=3|").find("found \"staleness=3|\"") != std::string::npos);
  CHECK(refusal("bsp:job.seed=2").find("use --set") != std::string::npos);
  CHECK(refusal("bsp:data.noise=1|2").find("use --set") != std::string::npos);
  for (const auto* key :
       {"evaluation.target_loss", "model.condition", "workers.0.speed", "ps.bandwidth"})
    CHECK(refusal(std::string{"bsp:"} + key + "=5").find("must be the same for all") !=
          std::string::npos);
  CHECK(read("bsp:ps.momentum=0.5").overrides.size() == 2); // a policy's own
}

TEST_CASE("a choice is a key with values") {
  const auto x = parse_choice("optimizer.learning_rate=0.1|0.2|0.4");
  REQUIRE(x);
  CHECK(x->key == "optimizer.learning_rate");
  CHECK(x->values == texts{"0.1", "0.2", "0.4"});
  CHECK(parse_choice("key=a=b")->values == texts{"a=b"});
  for (const auto* wrong : {"", "key", "=1", "key=", "key=1||2", "key=|1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_choice(wrong));
  }
}
