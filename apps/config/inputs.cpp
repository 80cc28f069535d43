#include "apps/config/inputs.hpp"

#include "apps/cli/lines.hpp"
#include "apps/config/config.hpp"
#include "learning/data/sources/load.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"
#include "learning/models/make_network.hpp"
#include "learning/models/tokens.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace adsp::apps {

exit_code exit_code_of_failure() try { throw; } catch (const learning::data_error& error) {
  log_line(error.what());
  return bad_input;
} catch (const std::invalid_argument& error) {
  log_line(error.what());
  return bad_input;
} catch (const std::system_error& error) {
  if (std::ferror(stdout) != 0)
    throw;
  log_line(error.what());
  return failed;
} catch (const std::exception& error) {
  log_line(error.what());
  return failed;
}

std::optional<job> job_from(const config_arguments& arguments, bool quiet) {
  auto read = read_config(arguments.config, arguments.overrides);
  for (const auto& error : read.errors)
    log_line(to_string(error));
  if (!read.errors.empty())
    return std::nullopt;
  if (!quiet)
    for (const auto& line : left_out_lines(read))
      log_line(line);
  return std::move(read.value);
}

void refuse_same_file(const std::string& in, const std::string& out) {
  std::error_code none; // a missing file is not the same file
  if (std::filesystem::equivalent(in, out, none))
    throw std::invalid_argument{
        fmt::format("{}: is read, and would be overwritten; expected another file to write", out)};
}

bool can_be_simulated(const job& plan) {
  for (const auto& worker : plan_workers(plan))
    if (worker.device.step_seconds <= 0) {
      log_line(fmt::format("worker {}: a simulation needs to know how long a step takes; set "
                           "step_seconds or speed of its group above 0",
                           worker.name));
      return false;
    }
  return true;
}

void check_model(const job& plan, const learning::train_and_test& data) {
  learning::check_step_memory(plan.model, learning::input_of(data.train), data.train.classes,
                              plan.optimizer.batch_size);
}

namespace {

std::shared_ptr<const learning::train_and_test> checked(const job& plan,
                                                        learning::parts which) try {
  auto data = std::make_shared<const learning::train_and_test>(learning::load(plan.data, which));
  learning::check_tokens(plan.model, plan.data, *data);
  check_model(plan, *data);
  return data;
} catch (const learning::data_error& error) {
  log_line(error.what());
  return nullptr;
} catch (const std::invalid_argument& error) { // the model does not fit the data
  log_line(error.what());
  return nullptr;
}

} // namespace

std::shared_ptr<const learning::train_and_test> data_from(const job& plan) {
  return checked(plan, learning::parts::both);
}

std::shared_ptr<const learning::train_and_test> training_data_from(const job& plan) {
  return checked(plan, learning::parts::training);
}

void check_placement(const job& plan, std::uint64_t parameters) {
  const auto shards = plan_shards(parameters, plan.ps.shard_size).size();
  if (shards < plan.cluster.ps_nodes)
    throw std::invalid_argument{fmt::format(
        "cluster.ps_nodes: found {}, but the model has {}, in {} of ps.shard_size; expected "
        "at most as many nodes as shards",
        plan.cluster.ps_nodes, learning::counted(parameters, "parameter"),
        learning::counted(shards, "shard"))};
}

} // namespace adsp::apps
