// The arithmetic of each commit rule, and what it keeps between two commits.
#include "actors/server/commit_applier.hpp"

#include "messages/blocks/encoded_block.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <vector>

using namespace adsp;

namespace {

/// A shard's parameters under a rule, moved commit by commit. `base` is the state before any.
struct moved {
  explicit moved(const sync::commit_rule& rule, std::vector<float> start = {8, 8})
      : applier{make_applier(rule, start.size())}, eta{static_cast<float>(rule.eta)}, base{start},
        now{std::move(start)} {}

  bool by(const std::vector<float>& update) {
    const encoded_block block{copy_of(update)};
    std::vector<float> next(now.size());
    if (!applier->apply({block, eta, now, base, next}))
      return false;
    now = std::move(next);
    return true;
  }

  std::unique_ptr<commit_applier> applier;
  float eta;
  std::vector<float> base;
  std::vector<float> now;
};

constexpr sync::commit_rule plain{.eta = 0.5};
constexpr sync::commit_rule damped{.kind = sync::rule_kind::damped, .eta = 0.5};
constexpr sync::commit_rule with_momentum{
    .kind = sync::rule_kind::velocity, .eta = 0.5, .momentum = 0.5};

} // namespace

TEST_CASE("each rule moves the parameters by its formula") {
  moved one{plain};
  CHECK(one.by({4, 0}));
  CHECK(one.by({4, 4}));
  CHECK(one.now == std::vector{4.0f, 6.0f});
  moved two{damped};
  CHECK(two.by({4, 0}));
  CHECK(two.by({4, 4}));
  CHECK(two.now == std::vector{4.5f, 6.0f});
  moved three{with_momentum};
  CHECK(three.by({4, 0}));
  CHECK(three.by({4, 4}));
  CHECK(three.now == std::vector{3.0f, 6.0f});
}

TEST_CASE("in place and elsewhere a commit does the same") {
  moved elsewhere{plain};
  moved here{plain};
  REQUIRE(here.applier->in_place());
  const std::vector update{3.0f, -1.0f};
  const encoded_block block{copy_of(update)};
  CHECK(elsewhere.by(update));
  CHECK(here.applier->apply({block, here.eta, here.now, {}, here.now}));
  CHECK(here.now == elsewhere.now);
}

TEST_CASE("a rule that reads bases or keeps a velocity does not work in place") {
  CHECK_FALSE(make_applier(damped, 2)->in_place());
  CHECK_FALSE(make_applier(with_momentum, 2)->in_place());
  CHECK(make_applier(damped, 2)->reads_base());
}

TEST_CASE("an update that is not finite leaves what the rule keeps as it was") {
  moved disturbed{with_momentum};
  moved quiet{with_momentum};
  for (auto* either : {&disturbed, &quiet})
    CHECK(either->by({4, 2}));
  CHECK_FALSE(disturbed.by({1, std::nanf("")}));
  for (auto* either : {&disturbed, &quiet})
    CHECK(either->by({1, 1}));
  CHECK(disturbed.now == quiet.now);
}

TEST_CASE("what a rule keeps goes on where it was saved") {
  moved first{with_momentum};
  CHECK(first.by({4, 2}));
  const auto kept = first.applier->save();
  REQUIRE(kept.blocks.size() == 1);
  moved second{with_momentum, first.now};
  CHECK(second.applier->load(kept));
  CHECK(first.by({1, -1})); // what was saved does not change with it
  CHECK(second.by({1, -1}));
  CHECK(second.now == first.now);
  first.applier->reset();
  CHECK(first.applier->save().blocks[0] == copy_of(std::vector{0.0f, 0.0f}));
}

TEST_CASE("what another rule or shard has kept is refused, and changes nothing") {
  moved copy{with_momentum};
  CHECK(copy.by({4, 2}));
  const auto kept = copy.applier->save();
  CHECK_FALSE(copy.applier->load({}));
  CHECK_FALSE(copy.applier->load({{copy_of(std::vector{1.0f})}, {}}));
  CHECK_FALSE(copy.applier->load({{kept.blocks[0], kept.blocks[0]}, {}}));
  CHECK_FALSE(copy.applier->load({kept.blocks, {1}}));
  CHECK(copy.applier->save() == kept);
  for (const auto& rule : {plain, damped}) {
    const auto applier = make_applier(rule, 2);
    CHECK(applier->save() == rule_state{});
    CHECK(applier->load({}));
    CHECK_FALSE(applier->load(kept));
  }
}
