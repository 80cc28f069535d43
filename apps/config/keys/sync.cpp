// The keys of [sync]: those of every policy, and those that only some read.
#include "apps/config/key_forms.hpp"
#include "apps/config/tables.hpp"
#include "sync/adacomm_options.hpp"
#include "sync/adsp_options.hpp"
#include "sync/buffer_options.hpp"
#include "sync/dssp_policy.hpp"
#include "sync/fedopt_options.hpp"
#include "sync/policies.hpp"
#include "sync/ringmaster_options.hpp"
#include "sync/round_options.hpp"
#include "sync/ssp_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace adsp::apps {

namespace {

using sync_options = sync::options;

/// Keys of a policy's own options, read by the policies named.
template <class Part, class T>
std::vector<key<sync_options>> of_policies(const std::vector<std::string>& names, Part part,
                                           const std::vector<key<T>>& keys) {
  auto all = within<sync_options>(part, keys);
  for (auto& each : all)
    each.when.insert(each.when.begin(), {"policy", names});
  return all;
}

std::vector<key<sync_options>> ssp_keys() {
  using namespace keys;
  using own = sync::ssp_options;
  return of_policies(
      {"ssp"}, [](auto& x) -> auto& { return *x.ssp; },
      std::vector{
          whole("staleness", &own::staleness, count_of_32_bits,
                "Commits that a worker may be ahead of the slowest."),
          named("pull", &own::pull,
                {{"every_commit", sync::pull_mode::every_commit},
                 {"when_stale", sync::pull_mode::when_stale}},
                "When parameters are fetched: with every commit, or only at the bound."),
      });
}

std::vector<key<sync_options>> dssp_keys() {
  using namespace keys;
  using own = sync::dssp_options;
  return of_policies(
      {"dssp"}, [](auto& x) -> auto& { return *x.dssp; },
      std::vector{
          whole("staleness_min", &own::staleness_min, count_of_32_bits,
                "Commits that any worker may be ahead of the slowest."),
          whole("staleness_max", &own::staleness_max, count_of_32_bits,
                "The most commits that the fastest worker may be ahead.")
              .checked([](const own& mine) {
                return mine.staleness_max < mine.staleness_min
                           ? "expected at least sync.staleness_min, " +
                                 std::to_string(mine.staleness_min)
                           : std::string{};
              }),
      });
}

std::vector<key<sync_options>> adacomm_keys() {
  using own = sync::adacomm_options;
  return of_policies(
      {"adacomm"}, [](auto& x) -> auto& { return *x.adacomm; },
      std::vector{keys::duration("adapt_interval", &own::adapt_interval, period,
                                 "Time between two changes of local_steps.")});
}

/// Read by all policies that have a default.
key<sync_options> local_steps_key() {
  std::vector<std::string> readers;
  std::vector<std::string> defaults;
  for (const auto& each : sync::policies())
    if (each.local_steps > 0) {
      readers.emplace_back(each.name);
      defaults.push_back(fmt::format("{} with {}", each.local_steps, each.name));
    }
  return keys::optional_whole("local_steps", &sync_options::local_steps, {1, 4294967295.0},
                              "Steps between two commits; initially, for adacomm; of the fastest "
                              "worker, for async_local_sgd.",
                              fmt::format("{}", fmt::join(defaults, ", ")))
      .only_with("policy", readers);
}

std::vector<key<sync_options>> fedopt_keys() {
  using namespace keys;
  using own = sync::fedopt_options;
  return of_policies(
      {"fedopt"}, [](auto& x) -> auto& { return *x.fedopt; },
      std::vector{
          named("server", &own::rule,
                {{"adam", sync::adaptive_rule::adam}, {"yogi", sync::adaptive_rule::yogi}},
                "How the server's mean of squares changes."),
          number("beta2", &own::beta2, {0, 1, false, true}, "Its decay."),
          number("adaptivity", &own::adaptivity, positive, "tau: added to its root."),
      });
}

std::vector<key<sync_options>> buffer_keys() {
  using own = sync::buffer_options;
  return of_policies(
      {"fedbuff", "rennala"}, [](auto& x) -> auto& { return *x.buffer; },
      std::vector{keys::optional_whole("buffer", &own::buffer, {1, 4294967295.0},
                                       "Commits of a step of the server.",
                                       "10 with fedbuff, the number of workers with rennala")});
}

std::vector<key<sync_options>> ringmaster_keys() {
  using own = sync::ringmaster_options;
  return of_policies(
      {"ringmaster"}, [](auto& x) -> auto& { return *x.ringmaster; },
      std::vector{keys::whole("delay_bound", &own::delay_bound, {1, 4294967295.0},
                              "R: commits of others since a worker's last, after which its "
                              "gradient is given up.")});
}

/// The search, and the defaults it implies: "paper" sets all options as published; keys read later
/// may override them.
key<sync::adsp_options> search_key() {
  using own = sync::adsp_options;
  auto x = keys::named("search", &own::search,
                       {{"none", sync::search_kind::none},
                        {"paper", sync::search_kind::paper},
                        {"adaptive", sync::search_kind::adaptive}},
                       "How the commit rate is found. \"adaptive\": start at the rate that the "
                       "slowest link and step allow, then try double and half of it from time "
                       "to time. \"paper\": probe 1, 2, 3, ... commits a check period, as "
                       "published; this also means reward = \"curve\" and overlap, rollback, "
                       "damping and average = false. \"none\": use commit_rate.")
               .left_out("\"none\" where commit_rate is given, else \"adaptive\"");
  x.read = [read = x.read](table_reader& t, own& into) {
    if (t.has("commit_rate"))
      into.search = sync::search_kind::none;
    read(t, into);
    if (into.search != sync::search_kind::paper)
      return;
    const auto step = into.step;
    sync::as_published(into);
    if (t.has("server_step")) // then the search is not read, which is said
      into.step = step;
  };
  return x;
}

/// The keys of a server that moves on every commit.
std::vector<key<sync::adsp_options>> commit_keys() {
  using namespace keys;
  using own = sync::adsp_options;
  std::vector<key<own>> all{
      search_key(),
      duration("epoch", &own::epoch, period, "Time between two searches for the commit rate."),
      number("commit_rate", &own::commit_rate, positive,
             "Commits in a check period; with search = \"adaptive\" only the initial rate.")
          .only_with("search", {"none", "adaptive"}),
      named("reward", &own::reward,
            {{"curve", sync::reward_kind::curve}, {"robust", sync::reward_kind::robust}},
            "How a probe is rated: by how fast the loss falls (\"robust\"), or by the "
            "published fit of a curve (\"curve\").")
          .left_out("\"robust\", or \"curve\" with search = \"paper\""),
      named("commit_rule", &own::rule,
            {{"cumulative", sync::commit_share::cumulative}, {"equal", sync::commit_share::equal}},
            "Whether workers get equal commit counts, or the same commit rate."),
      flag("probe_barrier", &own::probe_barrier,
           "Before and after a probe, all workers commit and wait for each other."),
      flag("overlap", &own::overlap, "Workers go on training during an exchange.")
          .left_out("true, or false with search = \"paper\""),
      flag("damping", &own::damping,
           "A commit takes back half of what others have changed since its worker last "
           "pulled, at up to 8 times the server's rate: faster where updates agree, without "
           "oscillation where they do not.")
          .left_out("true, or false with search = \"paper\""),
      duration("probe_window", &own::probe_window, time_span,
               "Length of a probe, which must hold a few commits; 0: one check period."),
      number("search_share", &own::search_share, {0, 1},
             "Share of the job's time that the adaptive search may spend in probes; 0: no probes, "
             "the rate only follows the devices.")
          .only_with("search", {"adaptive"}),
      number("reference_loss", &own::reference_loss, any, "The loss that \"curve\" aims at.")
          .left_out("evaluation.target_loss"),
  };
  for (auto& each : all)
    each.when.push_back({"server_step", {"commit"}, true});
  return all;
}

/// Keys of a server that moves on every commit imply it.
key<sync::adsp_options> server_step_key() {
  using own = sync::adsp_options;
  auto x = keys::named(
               "server_step", &own::step,
               {{"round", sync::server_step::round}, {"commit", sync::server_step::commit}},
               "When the server moves: once a round, by the commits of all, with an outer momentum "
               "(ps.momentum), or on every commit, as published.")
               .left_out("\"commit\" where one of its keys is given, else \"round\"");
  x.read = [read = x.read](table_reader& t, own& into) {
    if (std::ranges::any_of(commit_keys(), [&](const auto& each) { return t.has(each.name); }))
      into.step = sync::server_step::commit;
    read(t, into);
  };
  return x;
}

std::vector<key<sync_options>> adsp_keys() {
  using own = sync::adsp_options;
  auto all = commit_keys();
  all.insert(all.begin(), server_step_key());
  all.push_back(
      keys::flag("rollback", &own::rollback,
                 "Return to the last good state when the loss diverges, at half the server's rate, "
                 "down to 1/64.")
          .left_out("true, or false with search = \"paper\""));
  return of_policies(
      {"adsp"}, [](auto& x) -> auto& { return *x.adsp; }, all);
}

std::vector<key<sync_options>> round_keys() {
  using namespace keys;
  using own = sync::round_options;
  std::vector all{
      duration("round", &own::length, time_span,
               "T: time between two rounds, at least 5 ms; 0: from the steps and exchanges that "
               "are measured."),
      duration("grace", &own::grace, time_span,
               "delta: time from a round's moment, at which everybody commits, to the server's "
               "step; 0: likewise."),
      optional_number("step_weight", &own::step_weight, {0, 4},
                      "p: in the mean of a round, an update of n steps has the weight n^p.",
                      "1 with data.partition = \"iid\", else 0"),
  };
  for (auto& each : all)
    each.when.push_back({"server_step", {"round"}});
  return of_policies(
      {"adsp"}, [](auto& x) -> auto& { return *x.rounds; }, all);
}

key<sync_options> average_key() {
  key<sync_options> x;
  x.name = "average";
  x.kind = key_kind::flag;
  x.sentence = "Evaluate and save the average of the states at the latest evaluations, about "
               "the last 17th of them.";
  x.absent = "true with ADSP, but for search = \"paper\", else false";
  x.read = [](table_reader& t, sync_options& into) {
    bool given = sync::averages(into);
    t.flag("average", given);
    if (t.has("average"))
      into.average = given;
  };
  x.write = [](const sync_options& from) {
    return std::string{sync::averages(from) ? "true" : "false"};
  };
  return x;
}

key<sync_options> policy_key() {
  std::vector<std::pair<std::string, sync::policy_kind>> all;
  for (const auto& each : sync::policies())
    all.emplace_back(each.name, each.kind);
  return keys::named("policy", &sync_options::policy, all,
                     "The synchronisation policy; `adsp policies` describes each.");
}

} // namespace

config_table sync_table() {
  std::vector<key<sync_options>> all{
      policy_key(),
      keys::duration("check_period", &sync_options::check_period, period,
                     "Gamma with ADSP; with every policy, workers.csv gets a row for each "
                     "worker and check period."),
      average_key(), local_steps_key()};
  for (const auto& more : {ssp_keys(), dssp_keys(), adacomm_keys(), fedopt_keys(), buffer_keys(),
                           ringmaster_keys(), adsp_keys(), round_keys()})
    all.insert(all.end(), more.begin(), more.end());
  return {"sync", "The synchronisation policy; a key that the policy does not read is an error.",
          within<job>(
              [](auto& plan) -> auto& { return plan.sync; }, all)};
}

} // namespace adsp::apps
