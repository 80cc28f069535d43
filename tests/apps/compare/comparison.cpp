// The numbers that `adsp compare` makes of its runs.
#include "apps/compare/comparison.hpp"
#include "apps/run/summary.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>

using namespace adsp;
using namespace adsp::apps;

namespace {

/// A run that ended at its target after `seconds`, or for another reason when that is infinite.
compared_run ended(std::uint64_t seed, double seconds, double loss) {
  compared_run x;
  x.seed = seed;
  x.directory = "p/" + std::to_string(seed);
  const bool reached = std::isfinite(seconds);
  x.result.reason = reached ? end_reason::target_reached : end_reason::max_time;
  x.result.time_to_target = reached ? seconds : 0;
  x.result.duration = 100;
  x.result.last.loss = loss;
  x.result.last.accuracy = 0.75 + 0.05 * static_cast<double>(seed);
  x.result.total.steps = 10 * seed;
  x.result.total.compute = 50;
  x.result.total.wait = 30;
  x.result.workers.resize(2);
  for (auto& worker : x.result.workers)
    worker.lifetime = 100;
  return x;
}

constexpr auto never = std::numeric_limits<double>::infinity();

} // namespace

TEST_CASE("the spread is the median with both ends, in whatever order the values come") {
  CHECK_FALSE(spread_of({}));
  const auto one = spread_of({7});
  REQUIRE(one);
  CHECK(one->median == 7);
  CHECK(one->min == 7);
  CHECK(one->max == 7);
  const auto odd = spread_of({9, 1, 4});
  REQUIRE(odd);
  CHECK(odd->median == 4);
  CHECK(odd->min == 1);
  CHECK(odd->max == 9);
  const auto even = spread_of({8, 1, 2, 4});
  REQUIRE(even);
  CHECK(even->median == 3);
  const auto open = spread_of({never, 1, 2});
  REQUIRE(open);
  CHECK(open->median == 2);
  CHECK(open->max == never);
  CHECK(spread_of({never, never, 2})->median == never);
  CHECK_FALSE(spread_of({std::nan("")}));
  CHECK(spread_of({3, std::nan(""), 1})->median == 2);
}

TEST_CASE("only a run that ended at its target has a time to it") {
  CHECK(time_to_target(ended(1, 12, 0).result) == 12);
  for (auto why :
       {end_reason::max_time, end_reason::max_steps, end_reason::interrupted, end_reason::failed}) {
    auto x = ended(1, 12, 0).result;
    x.reason = why;
    CHECK(time_to_target(x) == never);
  }
}

TEST_CASE("a trial that failed is never better than one that did not") {
  const auto good = ended(1, 12, 0.5).result;
  const auto slow = ended(1, 20, 0.1).result;
  const auto missed = ended(1, never, 0.3).result;
  auto lost = ended(1, never, 0.01).result;
  lost.reason = end_reason::failed;
  CHECK(better(good, slow));
  CHECK(better(slow, missed));
  CHECK(better(missed, ended(1, never, 0.4).result));
  CHECK(better(missed, ended(1, never, std::nan("")).result));
  CHECK(better(missed, lost));
  CHECK_FALSE(better(lost, missed));
  CHECK_FALSE(better(missed, missed));
}

TEST_CASE("the first policy is the baseline even without a finished run") {
  comparison x{
      "bowl", "loss 0.1", true, {1, 2}, {{"slow", {}, {}}, {"fast", {}, {ended(1, 10, 0.1)}}}};
  const auto all = nlohmann::json::parse(comparison_json(x));
  CHECK(all["policies"][0]["policy"] == "slow");
  CHECK(all["policies"][0]["time_to_target_s"].is_null());
  CHECK(all["policies"][1]["speed_up"].is_null());
  CHECK(comparison_table(x).find("no finished run") != std::string::npos);
  CHECK(comparison_caption(x).find("over 2 seeds, of which 1 of 4 runs finished") !=
        std::string::npos);
  CHECK(trained(x));
  x.policies[1].runs[0].result.reason = end_reason::failed;
  CHECK_FALSE(trained(x));
  x.policies[1].runs.clear();
  CHECK_FALSE(trained(x));
}

TEST_CASE("a comparison in JSON: medians, speed-up, and null where the target was not reached") {
  const comparison x{
      "bowl",
      "loss 0.1",
      true,
      {1, 2, 3},
      {{"slow", {}, {ended(1, 30, 0.1), ended(2, 20, 0.1), ended(3, 40, 0.2)}},
       {"fast", {"a=1"}, {ended(1, 10, 0.1), ended(2, never, 0.5), ended(3, 15, 0)}},
       {"lost", {}, {ended(1, never, std::nan("")), ended(2, never, 1), ended(3, 5, 1)}}}};
  const auto all = nlohmann::json::parse(comparison_json(x));
  CHECK(all["job"] == "bowl");
  CHECK(all["simulated"] == true);
  CHECK(all["seeds"] == nlohmann::json{1, 2, 3});
  const auto& slow = all["policies"][0];
  CHECK(slow["reached"] == 3);
  CHECK(slow["time_to_target_s"] == nlohmann::json{{"median", 30}, {"min", 20}, {"max", 40}});
  CHECK(slow["speed_up"]["median"] == 1);
  CHECK(slow["steps"]["median"] == 20);
  CHECK(slow["compute"]["median"].get<double>() == doctest::Approx(0.25));
  CHECK(slow["wait"]["median"].get<double>() == doctest::Approx(0.15));
  const auto& fast = all["policies"][1];
  CHECK(fast["reached"] == 2);
  CHECK(fast["speed_up"]["median"] == 2);
  CHECK(fast["settings"] == nlohmann::json{"a=1"});
  CHECK(fast["time_to_target_s"]["max"].is_null());
  CHECK(fast["runs"][1]["time_to_target_s"].is_null());
  CHECK(fast["runs"][2]["time_to_target_s"] == 15);
  const auto& lost = all["policies"][2];
  CHECK(lost["reached"] == 1);
  CHECK(lost["time_to_target_s"].is_null());
  CHECK(lost["speed_up"].is_null());
}

TEST_CASE("a table keeps its columns whatever the loss") {
  const comparison x{
      "bowl", "", false, {1}, {{"a", {}, {ended(1, 3, 1e300)}}, {"b", {}, {ended(1, 3, 1e-7)}}}};
  const auto text = comparison_table(x);
  CAPTURE(text);
  CHECK(text.find("   1e+300  ") != std::string::npos);
  const auto first = text.find('\n');
  CHECK(text.find('\n', first + 1) - first == first + 1);
}

TEST_CASE("predicted numbers have no accuracy, a diverged run no finite loss") {
  auto regression = ended(1, 3, 0.25);
  regression.result.last.accuracy = std::nan("");
  auto diverged = ended(2, never, std::nan(""));
  diverged.result.last.accuracy = std::nan("");
  const comparison x{"bowl", "", false, {1, 2}, {{"a", {}, {regression, diverged}}}};
  const auto all = nlohmann::json::parse(comparison_json(x));
  CHECK(all["policies"][0]["final_accuracy"].is_null());
  CHECK(all["policies"][0]["final_loss"].is_null()); // the median is infinite
  auto text = comparison_table(x);
  CAPTURE(text);
  CHECK(text.find("failed") == std::string::npos);
  CHECK(text.find("nan") == std::string::npos);
  CHECK(text.find("       -\n") != std::string::npos);
  auto told = x;
  told.policies[0].runs[1].result.reason = end_reason::failed;
  told.policies[0].runs[1].result.text = "training diverged";
  CHECK(nlohmann::json::parse(comparison_json(told))["policies"][0]["failed"] == 1);
  CHECK(comparison_table(told).find("1 of 2 runs failed: training diverged\n") !=
        std::string::npos);
}

TEST_CASE("a comparison as a table: a line a policy, and words where the target was not reached") {
  const comparison x{
      "bowl",
      "loss 0.1",
      false,
      {1, 2, 3},
      {{"slow", {}, {ended(1, 30, 0.1), ended(2, 20, 0.1), ended(3, 40, 0.2)}},
       {"fast", {"a=1", "b=2"}, {ended(1, 10, 0), ended(2, never, 0), ended(3, 15, 0)}},
       {"lost", {}, {ended(1, never, 1), ended(2, never, 1), ended(3, 5, 1)}}}};
  const auto text = comparison_table(x);
  CAPTURE(text);
  CHECK(std::count(text.begin(), text.end(), '\n') == 11);
  const auto line = [&](const std::string& label, std::size_t after) {
    auto at = text.find("\n" + label + " ");
    REQUIRE(at != std::string::npos);
    for (; after > 0; --after)
      at = text.find('\n', at + 1);
    return text.substr(at + 1, text.find('\n', at + 1) - at - 1);
  };
  const auto says = [&](const std::string& label, std::size_t after, const std::string& words) {
    const auto found = std::regex_replace(line(label, after), std::regex{" +"}, " ");
    CAPTURE(found);
    CHECK(found.find(words) != std::string::npos);
  };
  says("slow", 0, "3/3 30 1.00 20 ");
  says("slow", 0, " 0.1 85.00 %");
  says("slow", 1, " lowest 20 - 10 ");
  says("slow", 2, " highest 40 - 30 ");
  says("slow", 2, " 0.2 90.00 %");
  says("fast", 0, "2/3 15 2.00");
  says("fast", 1, "10 ");
  says("fast", 2, "never");
  CHECK(text.find("with a=1, b=2\n") != std::string::npos);
  says("lost", 0, "1/3 not reached");
  says("lost", 1, " 5 ");
}

TEST_CASE("with an ideal machine every policy has its share of the possible") {
  comparison x{"bowl",
               "loss 0.1",
               true,
               {1},
               {{"slow", {}, {ended(1, 40, 0.1)}},
                {"ideal", {}, {ended(1, 10, 0.1)}, true},
                {"lost", {}, {ended(1, never, 1)}}}};
  auto all = nlohmann::json::parse(comparison_json(x));
  CHECK(all["policies"][0]["of_possible"]["median"] == 0.25);
  CHECK(all["policies"][1]["of_possible"]["median"] == 1);
  CHECK(all["policies"][2]["of_possible"].is_null());
  CHECK(comparison_table(x).find("of the possible") != std::string::npos);
  CHECK(comparison_table(x).find(" 25 %") != std::string::npos);
  x.policies[1].runs.clear(); // it is not at its end yet
  all = nlohmann::json::parse(comparison_json(x));
  CHECK(all["policies"][0]["of_possible"].is_null());
  x.policies.erase(x.policies.begin() + 1);
  CHECK(comparison_table(x).find("of the possible") == std::string::npos);
}
