// Every key of every table: it says what it is, its default is sound, what is read is written and
// is in the nodes' fingerprint, and the page of all keys is the one in docs/.
#include "apps/config/config.hpp"
#include "apps/config/key_page.hpp"
#include "apps/config/node_settings.hpp"
#include "apps/config/tables.hpp"
#include "learning/data/sources/data_source.hpp"
#include "sync/policies.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

using namespace adsp;
using namespace adsp::apps;

namespace {

const std::string base = "[job]\nmax_time = 3\n[sync]\npolicy = 'tap'\n[evaluation]\n"
                         "interval = 0.01\ntarget_loss = 0.5\n"
                         "[[workers]]\nname = 'a'\nstep_seconds = 0.01\n"
                         "[[workers]]\nname = 'b'\nstep_seconds = 0.01\n";

/// Every table of a config; that of the workers is the first group.
std::vector<config_table> all_tables() {
  auto all = config_tables();
  all.push_back({"workers.0", "of a group",
                 within<job>(
                     [](auto& plan) -> auto& { return plan.workers.front(); }, worker_keys())});
  return all;
}

/// Values of which some are sound, as TOML.
std::vector<std::string> candidates(const key_text& x) {
  std::vector<std::string> all;
  switch (x.kind) {
  case key_kind::whole:
    return {"1", "2", "7"};
  case key_kind::number:
  case key_kind::duration:
    return {"0.03", "1.5", "500.0", "5000.0"};
  case key_kind::bandwidth:
    return {"2e6"};
  case key_kind::text:
    return {"\"one\"", "\";\""};
  case key_kind::word:
    for (const auto& word : x.words)
      all.push_back(toml_text(word));
    return all;
  case key_kind::flag:
    return {"true", "false"};
  case key_kind::whole_list:
    return {"[4, 5]"};
  case key_kind::number_list:
    return {"[0.25, 0.5]"};
  case key_kind::text_list:
    return {"[\"one\"]", "[\"flip\"]"};
  case key_kind::tables:
  case key_kind::other:
    break;
  }
  return {x.example};
}

/// Settings under which the key is read.
std::vector<std::string> settings_for(const config_table& table, const key_text& one) {
  std::vector<std::string> all;
  for (const auto& when : one.when) {
    if (when.values.front().empty())
      continue; // what holds anyway
    const auto choice = std::ranges::find(table.keys, when.choice, &key<job>::name);
    REQUIRE(choice != table.keys.end());
    for (auto& each : settings_for(table, *choice))
      all.push_back(each);
    all.push_back(table.name + "." + when.choice + "=" + toml_text(when.values.front()));
    const auto* source =
        table.name == "data" ? learning::find_source(when.values.front()) : nullptr;
    if (source != nullptr && !source->path.empty())
      all.emplace_back("data.path=x");
    if (source != nullptr && source->reads("target"))
      all.emplace_back("data.target=y");
  }
  return all;
}

/// The same, and what the schedules need that the key is tried with.
std::vector<std::string> settings_to_try(const config_table& table, const key_text& one) {
  auto all = settings_for(table, one);
  if (one.name == "decay" || one.name == "floor" || one.name == "schedule")
    all.emplace_back("optimizer.decay_every=5");
  return all;
}

/// The key as it is written.
std::string shown(const key<job>& one, const job& x) {
  return one.write_tables ? one.write_tables(x, one.name) : one.write(x);
}

/// Ways to say step_seconds, which is what they become.
bool said_otherwise(const std::string& name) {
  return name == "speed" || name == "step_seconds_file" || name == "step_seconds_column";
}

} // namespace

TEST_CASE("every key says what it is, and a default that it shows is sound") {
  for (const auto& table : all_tables()) {
    CHECK_FALSE(table.sentence.empty());
    for (const auto& each : table.keys) {
      const auto path = table.name + "." + each.name;
      CAPTURE(path);
      CHECK(each.sentence.size() > 5);
      CHECK_FALSE(describe(each).empty());
      CHECK((!each.initial.empty() || !each.absent.empty() || each.kind == key_kind::tables));
      if (each.initial.empty())
        continue;
      auto settings = settings_for(table, each);
      settings.push_back(path + "=" + each.initial);
      for (const auto& error : parse_config(base, "x.toml", settings).errors)
        CHECK_MESSAGE((error.key != path || error.text.find(" needs ") != std::string::npos),
                      to_string(error));
    }
  }
}

TEST_CASE("every key that is read is written, comes back and is in the nodes' fingerprint") {
  std::size_t keys = 0;
  for (const auto& table : all_tables())
    for (const auto& each : table.keys) {
      const auto path = table.name + "." + each.name;
      if (said_otherwise(each.name) || path == "data.path" || path == "data.test_path")
        continue;
      CAPTURE(path);
      const auto settings = settings_to_try(table, each);
      bool tried = false;
      for (const auto& value : candidates(each)) {
        auto set = settings;
        set.push_back(fmt::format("{}={}", path, value));
        const auto plain = parse_config(base, "x.toml", settings);
        const auto read = parse_config(base, "x.toml", set);
        if (!read.errors.empty() || shown(each, read.value) == shown(each, plain.value))
          continue; // not sound here, or what holds anyway
        tried = true;
        const auto again = parse_config(to_toml(read.value), "y.toml", {});
        for (const auto& error : again.errors)
          FAIL_CHECK(to_string(error));
        CHECK(shown(each, again.value) == shown(each, read.value));
        if (path != "cluster.allow" && plain.errors.empty())
          CHECK(fingerprint_of(shared_settings(read.value)) !=
                fingerprint_of(shared_settings(plain.value)));
        break;
      }
      CHECK(tried);
      ++keys;
    }
  CHECK(keys > 50);
}

TEST_CASE("a key of [sync] that the policy does not read is refused, with the policies that do") {
  const auto says = [](const std::vector<std::string>& set, const std::string& expected) {
    std::string all;
    for (const auto& error : parse_config(base, "x.toml", set).errors)
      all += to_string(error) + "\n";
    CHECK(all == expected);
  };
  says({"sync.staleness=4"},
       "--set sync.staleness: is not read by sync.policy = \"tap\"; \"ssp\" does\n");
  says({"sync.policy=bsp", "sync.local_steps=4"},
       "--set sync.local_steps: is not read by sync.policy = \"bsp\"; \"fixed_adacomm\", "
       "\"adacomm\", \"diloco\", \"fedopt\", \"async_local_sgd\", \"heloco\", \"fedbuff\" do\n");
  says({"sync.policy=fixed_adacomm", "sync.adapt_interval=4"},
       "--set sync.adapt_interval: is not read by sync.policy = \"fixed_adacomm\"; \"adacomm\" "
       "does\n");
  says({"sync.policy=ssp", "sync.staleness=4", "sync.check_period=9"}, "");
  says({"sync.policy=adsp", "sync.server_step=round", "sync.search=paper"},
       "--set sync.search: is not read by sync.server_step = \"round\"; \"commit\" does\n");
}

TEST_CASE("keys of the file's own policy are left out where --set chooses another one") {
  const std::string file = "[job]\nmax_time = 3\n[sync]\npolicy = 'ssp'\nstaleness = 3\n"
                           "[[workers]]\nstep_seconds = 0.01\n";
  const auto read = parse_config(file, "x.toml", {"sync.policy=bsp"});
  CHECK(read.errors.empty());
  CHECK(left_out_lines(read) ==
        std::vector<std::string>{"sync.staleness: left out, not read by sync.policy = \"bsp\""});
  CHECK(to_toml(read.value).find("staleness") == std::string::npos);
  CHECK(left_out_lines(parse_config(file, "x.toml", {})).empty());
  // What --set says for all is left out by a variant of another policy, its own settings are not.
  const auto other = parse_config(file, "x.toml", {"sync.staleness=5"}, {"sync.policy=tap"});
  CHECK(other.errors.empty());
  CHECK(left_out_lines(other).size() == 1);
  CHECK(parse_config(file, "x.toml", {}, {"sync.policy=tap", "sync.staleness=5"}).errors.size() ==
        1);
}

TEST_CASE("a policy reads the keys of its own and those of all") {
  CHECK(may_read("ssp", "sync.staleness"));
  CHECK_FALSE(may_read("bsp", "sync.staleness"));
  CHECK(may_read("bsp", "sync.check_period"));
  CHECK(may_read("bsp", "optimizer.learning_rate"));
  CHECK(may_read("bsp", "sync.nonsense")); // another mistake, reported elsewhere
  const auto list = policy_list();
  for (const auto& policy : sync::policies())
    CHECK(("\n" + list).find("\n" + std::string{policy.name} + " ") != std::string::npos);
}

TEST_CASE("docs/config.md is the page of all keys") {
  std::ifstream file{ADSP_DOCS "/config.md"};
  const std::string found{std::istreambuf_iterator<char>{file}, {}};
  CHECK_MESSAGE(found == key_page(), "write it anew: adsp keys > docs/config.md");
  std::istringstream lines{key_page()};
  for (std::string line; std::getline(lines, line);)
    CHECK(line.size() <= 120);
}
