// `adsp check`: prints the resolved topology as tables. `adsp keys`, `adsp policies`: print what a
// config may contain.
#include "apps/cli/commands.hpp"
#include "apps/config/inputs.hpp"
#include "apps/config/key_page.hpp"
#include "apps/config/node_settings.hpp"
#include "apps/config/tables.hpp"

#include "actors/plan/placement.hpp"
#include "actors/server/base_history.hpp"
#include "actors/server/commit_applier.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/models/make_network.hpp"
#include "learning/models/model.hpp"
#include "sync/adacomm_options.hpp"
#include "sync/adsp_options.hpp"
#include "sync/policies.hpp"
#include "sync/round_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace adsp::apps {

namespace {

using learning::counted;

/// The policy's own keys with their values: ", staleness 40, pull every_commit".
std::string own_keys(const job& plan) {
  const auto& keys = table_of("sync").keys;
  std::string text;
  for (const auto& each : keys)
    if (!each.when.empty() && unmet(keys, each, plan) == nullptr) {
      auto words = each.name;
      std::ranges::replace(words, '_', ' ');
      text += fmt::format(", {} {}", words, unquoted(each.write(plan)));
    }
  return text;
}

std::string describe_policy(const job& plan) {
  const auto& x = plan.sync;
  const auto name = sync::to_string(x.policy);
  switch (x.policy) {
  case sync::policy_kind::adsp:
    if (sync::steps_by_round(x))
      return fmt::format("{}, a step of the server each round, {}, momentum {}", name,
                         x.rounds->length > 0 ? fmt::format("of {} s", x.rounds->length)
                                              : "as long as steps and exchanges take",
                         starting_rule(plan).momentum);
    return fmt::format("{}, check period {} s, {}", name, x.check_period,
                       x.adsp->search == sync::search_kind::none
                           ? fmt::format("{} commits a period", x.adsp->commit_rate)
                           : fmt::format("commit rate searched every {} s", x.adsp->epoch));
  default:
    return std::string{name} + own_keys(plan);
  }
}

std::string describe_link(const device_options& device) {
  auto text = fmt::format("{} s", device.latency);
  if (device.bandwidth > 0)
    text += fmt::format(", {} Mbit/s", device.bandwidth / 1e6);
  return text;
}

void print_layers(const learning::model_options& options, const learning::shape& input,
                  std::int32_t classes) {
  const auto rows = learning::describe(options, input, classes);
  if (rows.empty())
    return;
  fmt::print("{:>6} {:<20} {:>16} {:>12}\n", "layer", "kind", "output", "parameters");
  fmt::print("{:>6} {:<20} {:>16} {:>12}\n", "", "input",
             to_string(learning::input_of_layers(options, input)), "");
  for (std::size_t i = 0; i < rows.size(); ++i)
    fmt::print("{:>6} {:<20} {:>16} {:>12}\n", i, rows[i].kind, to_string(rows[i].output),
               rows[i].parameters);
}

/// What the server's rule keeps beside the parameters, as multiples of these.
std::size_t state_of_rule(const job& plan) {
  const auto rule = make_applier(starting_rule(plan), 1);
  return rule->save().blocks.size() + (rule->reads_base() ? base_history::capacity : 0);
}

void print_shards(const job& plan, std::size_t parameters) {
  const auto ranges = plan_shards(parameters, plan.ps.shard_size);
  fmt::print("\nparameter server: {} in {} on {}\n", counted(parameters, "parameter"),
             counted(ranges.size(), "shard"), counted(plan.cluster.ps_nodes, "node"));
  const auto copies = state_of_rule(plan);
  fmt::print("its memory: {:.2f} MB for the parameters, {:.2f} MB ({} times that) for the state of "
             "its rule\n",
             static_cast<double>(4 * parameters) / 1e6,
             static_cast<double>(4 * parameters * copies) / 1e6, copies);
  fmt::print("{:>6} {:>12} {:>12} {:>10} {:>8}\n", "shard", "first", "last", "size", "ps node");
  for (std::size_t node = 0; node < plan.cluster.ps_nodes; ++node) {
    const auto here = place_shards(ranges.size(), plan.cluster.ps_nodes, node);
    for (auto i = here.first; i < here.first + here.size; ++i)
      fmt::print("{:>6} {:>12} {:>12} {:>10} {:>8}\n", i, ranges[i].first,
                 ranges[i].first + ranges[i].size - 1, ranges[i].size, node + 1);
  }
}

void print_workers(const job& plan, const learning::dataset& train) {
  const auto plans = plan_workers(plan);
  const auto shares = plan_data(plan, train);
  fmt::print("\nworkers: {}\n", plans.size());
  fmt::print("{:<16} {:>8} {:>7} {:>18} {:>8}  {}\n", "name", "step s", "jitter", "link one way",
             "samples", "samples of each class");
  for (std::size_t i = 0; i < plans.size(); ++i) {
    std::vector<std::size_t> classes(static_cast<std::size_t>(train.classes));
    for (auto sample :
         train.labels.empty() ? learning::sample_indices{} : shares[i]) // no classes in a
                                                                        // regression
      ++classes[static_cast<std::size_t>(train.labels[sample])];
    const auto& device = plans[i].device;
    const auto step = device.step_seconds > 0 ? fmt::format("{}", device.step_seconds) : "fastest";
    fmt::print("{:<16} {:>8} {:>7} {:>18} {:>8}  {}\n", plans[i].name, step, device.jitter,
               describe_link(device), shares[i].size(), fmt::join(classes, " "));
  }
}

} // namespace

int check_command(const config_arguments& arguments) try {
  const auto plan = job_from(arguments);
  if (!plan)
    return bad_input;
  const auto data = data_from(*plan);
  if (!data)
    return bad_input;
  const auto model =
      learning::make_model(plan->model, learning::input_of(data->train), data->train.classes);
  check_placement(*plan, model->parameter_count());
  fmt::print("job: {}, seed {}\n", plan->name, plan->seed);
  fmt::print("shared settings: {:016x}, the same on all nodes of a cluster\n",
             fingerprint_of(shared_settings(*plan)));
  fmt::print("data: {}, {} training and {} test samples of {}, {} classes, {} partition\n",
             plan->data.source, data->train.size(), data->test.size(),
             counted(static_cast<std::uint64_t>(learning::input_of(data->train).size()), "feature"),
             data->train.classes, plan->data.partition);
  fmt::print("model: {}, {}", plan->model.kind, counted(model->parameter_count(), "parameter"));
  if (plan->model.kind != "quadratic")
    fmt::print(", {} loss", learning::loss_of(plan->model, data->train.classes));
  fmt::print("\n");
  print_layers(plan->model, learning::input_of(data->train), data->train.classes);
  fmt::print("policy: {}\n", describe_policy(*plan));
  print_shards(*plan, model->parameter_count());
  print_workers(*plan, data->train);
  return success;
} catch (...) {
  return exit_code_of_failure();
}

int keys_command() {
  fmt::print("{}", key_page());
  return success;
}

int policies_command() {
  fmt::print("{}", policy_list());
  return success;
}

} // namespace adsp::apps
