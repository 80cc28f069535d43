// `adsp compare`: one job under several policies, with several seeds each.
#include "apps/cli/atomic_file.hpp"
#include "apps/cli/commands.hpp"
#include "apps/cli/lines.hpp"
#include "apps/compare/comparison.hpp"
#include "apps/compare/ideal_job.hpp"
#include "apps/compare/run_pool.hpp"
#include "apps/compare/variant.hpp"
#include "apps/config/config.hpp"
#include "apps/config/inputs.hpp"
#include "apps/config/tables.hpp"
#include "apps/report/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <map>
#include <set>

namespace adsp::apps {

namespace {

namespace fs = std::filesystem;

/// The choice of a --tune, or nothing after the mistake has been printed.
std::optional<choice> choice_from(const std::string& text) {
  auto found = parse_choice(text);
  if (!found || found->values.size() < 2) {
    log_line(fmt::format("--tune: found \"{}\", expected KEY=VALUE|VALUE, for instance "
                         "optimizer.learning_rate=0.05|0.1",
                         text));
    return std::nullopt;
  }
  if (const auto why = why_not_its_own(found->key)) {
    log_line(fmt::format("--tune: found \"{}\", {}", text, *why));
    return std::nullopt;
  }
  return found;
}

/// For each --tune, adds the choice of values to every variant that reads the key and does not set
/// it. Prints every mistake and then returns false.
bool add_choices(const std::vector<std::string>& texts, std::vector<variant>& all) {
  bool good = true;
  std::vector<std::string> tuned;
  for (const auto& text : texts) {
    const auto found = choice_from(text);
    good = good && found;
    if (!found)
      continue;
    if (std::ranges::find(tuned, found->key) != tuned.end()) {
      log_line(fmt::format("--tune: {} is given twice", found->key));
      good = false;
    }
    tuned.push_back(found->key);
    bool read = false; // by a compared policy
    for (auto& v : all)
      if (may_read(v.policy, found->key)) {
        read = true;
        if (!v.says(found->key))
          v.choices.push_back(*found);
      }
    if (!read && !all.empty()) {
      log_line(fmt::format("--tune: {} is read by no policy that is compared", found->key));
      good = false;
    }
  }
  return good;
}

/// The variants, or nothing after printing every mistake.
std::optional<std::vector<variant>> variants_from(const compare_arguments& arguments) {
  std::vector<variant> all;
  bool good = true;
  for (const auto& text : arguments.policies) {
    std::string error;
    auto found = parse_variant(text, error);
    if (std::any_of(all.begin(), all.end(), [&](const variant& v) { return v.label == text; }))
      error = fmt::format("\"{}\" is given twice", text);
    if (found && error.empty())
      all.push_back(std::move(*found));
    else
      log_line("--policies: " + error);
    good = good && error.empty();
  }
  good = add_choices(arguments.tune, all) && good;
  for (const auto& setting : arguments.config.overrides) {
    const auto key = setting.substr(0, setting.find('='));
    if (all.empty() || std::ranges::any_of(all, [&](auto& v) { return may_read(v.policy, key); }))
      continue;
    log_line(fmt::format("--set {}: is read by no policy that is compared", key));
    good = false;
  }
  return good ? std::optional{all} : std::nullopt;
}

/// Lines about keys of the config that are left out, each with the variants that it applies to.
using left_out_keys = std::map<std::string, std::set<std::string>>;

/// The job of a variant, or nothing after every error has been printed.
std::optional<job> plan_of(const compare_arguments& arguments, const variant& v,
                           const std::vector<std::string>& chosen, left_out_keys& left_out) {
  auto own = v.overrides;
  own.insert(own.end(), chosen.begin(), chosen.end());
  auto read = read_config(arguments.config.config, arguments.config.overrides, own);
  for (const auto& error : read.errors)
    log_line(to_string(error));
  for (const auto& line : left_out_lines(read))
    left_out[line].insert(v.label);
  if (!read.errors.empty())
    return std::nullopt;
  if (!v.ideal)
    return std::move(read.value);
  auto plan = ideal_job(std::move(read.value));
  if (!plan || !arguments.simulate) {
    log_line(fmt::format("--policies {}: it is as fast as all workers together, which needs {}",
                         v.label,
                         plan ? "virtual time: add --simulate"
                              : "their step times: give each of [[workers]] step_seconds"));
    return std::nullopt;
  }
  return plan;
}

/// A label with all characters except letters, digits, '.', '_', '-' and '+' replaced by '_',
/// preceded by the variant's number if any was replaced.
std::string folder_of(const std::string& label, std::size_t number) {
  std::string name;
  for (const char c : label)
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '.' || c == '-'
                ? c
                : '_';
  return name == label ? name : fmt::format("{}_{}", number + 1, name.substr(0, 60));
}

std::string target_text(const evaluation_options& options) {
  std::vector<std::string> parts;
  if (options.target_loss > 0)
    parts.push_back(fmt::format("loss {}", options.target_loss));
  if (options.target_accuracy > 0)
    parts.push_back(fmt::format("accuracy {}", options.target_accuracy));
  if (parts.empty())
    return "";
  return fmt::format("{} averaged over {} evaluations", fmt::join(parts, " or "), options.window);
}

/// A comparison from its arguments to its files.
class comparing {
public:
  comparing(const compare_arguments& x, std::vector<variant> variants)
      : arguments_{x}, variants_{std::move(variants)} {}

  int run();

private:
  bool make_plans();
  void tune(workshop& shop);
  void begin(const job& first);
  void measure(workshop& shop);
  void collect(const std::vector<task>& tasks);
  void show() const;

  const compare_arguments& arguments_;
  std::vector<variant> variants_;
  std::vector<std::vector<std::vector<std::string>>> combinations_; ///< of each variant
  std::vector<std::vector<job>> plans_;                             ///< one for each combination
  /// The combination chosen for each variant; nothing if training failed with all of them.
  std::vector<std::optional<std::size_t>> chosen_;
  fs::path root_;
  comparison outcome_;
};

bool comparing::make_plans() {
  left_out_keys left_out;
  for (const auto& v : variants_) {
    combinations_.push_back(v.combinations());
    auto& plans = plans_.emplace_back();
    for (const auto& chosen : combinations_.back()) {
      const auto plan = plan_of(arguments_, v, chosen, left_out);
      if (!plan || (arguments_.simulate && !can_be_simulated(*plan)))
        return false;
      plans.push_back(*plan);
    }
  }
  for (const auto& [line, labels] : left_out)
    if (!arguments_.quiet)
      log_line(fmt::format("{}: {}", fmt::join(labels, ", "), line));
  chosen_.assign(variants_.size(), 0);
  return true;
}

/// Tries every combination once, with a seed that is not used for measuring.
void comparing::tune(workshop& shop) {
  std::vector<task> tasks;
  std::vector<std::pair<std::size_t, std::size_t>> whose;
  for (std::size_t i = 0; i < variants_.size(); ++i)
    for (std::size_t k = 0; k < plans_[i].size() && plans_[i].size() > 1; ++k) {
      auto plan = plans_[i][k];
      plan.seed += arguments_.seeds;
      const auto folder = folder_of(variants_[i].label, i);
      tasks.push_back({std::move(plan),
                       fmt::format("trying {} with {},", variants_[i].label,
                                   fmt::join(combinations_[i][k], ", ")),
                       fs::path{"tuning"} / folder / std::to_string(k + 1),
                       {}});
      whose.emplace_back(i, k);
      chosen_[i].reset();
    }
  shop.make(tasks, [] {});
  std::vector<const job_result*> best(variants_.size(), nullptr);
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    const auto [i, k] = whose[t];
    const auto& result = tasks[t].result;
    if (result && result->reason != end_reason::failed &&
        (best[i] == nullptr || better(*result, *best[i]))) {
      best[i] = &*result;
      chosen_[i] = k;
    }
  }
}

/// Records what will be compared, before any run has finished.
void comparing::begin(const job& first) {
  outcome_.job = first.name;
  outcome_.target = target_text(first.evaluation);
  outcome_.simulated = arguments_.simulate;
  for (std::uint64_t n = 0; n < arguments_.seeds; ++n)
    outcome_.seeds.push_back(first.seed + n);
  for (std::size_t i = 0; i < variants_.size(); ++i) {
    const auto settings = chosen_[i] ? combinations_[i][*chosen_[i]] : std::vector<std::string>{};
    outcome_.policies.push_back({variants_[i].label, settings, {}, variants_[i].ideal});
    if (!chosen_[i])
      log_line(fmt::format("{}: the training failed with every setting that was tried; it is "
                           "not measured",
                           variants_[i].label));
  }
}

/// The files are up to date at any moment, so that finished runs survive the end of the process.
void comparing::measure(workshop& shop) {
  std::vector<task> tasks;
  for (std::uint64_t n = 0; n < arguments_.seeds; ++n)
    for (std::size_t i = 0; i < variants_.size(); ++i) {
      if (!chosen_[i])
        continue;
      auto plan = plans_[i][*chosen_[i]];
      plan.seed += n;
      const auto directory = fs::path{folder_of(variants_[i].label, i)} / std::to_string(plan.seed);
      tasks.push_back({std::move(plan), variants_[i].label, directory, {}});
    }
  collect(tasks);
  shop.make(tasks, [&] { collect(tasks); });
}

/// Writes compare.json with what has finished, in the order of the seeds.
void comparing::collect(const std::vector<task>& tasks) {
  for (auto& policy : outcome_.policies) {
    policy.runs.clear();
    for (const auto& x : tasks)
      if (x.result && x.label == policy.label)
        policy.runs.push_back({x.plan.seed, x.directory.string(), *x.result});
  }
  write_atomically(root_ / "compare.json", comparison_json(outcome_));
}

void comparing::show() const {
  fmt::print("{}{}", comparison_table(outcome_), comparison_caption(outcome_));
  write_atomically(root_ / "report.html", report_html(root_));
  fmt::print("files in {}, page {}\n", root_.string(), (root_ / "report.html").string());
}

int comparing::run() {
  if (!make_plans())
    return bad_input;
  const auto& first = plans_.front().front();
  const auto data = data_from(first);
  if (!data)
    return bad_input;
  for (const auto& plans : plans_)
    for (const auto& plan : plans)
      check_model(plan, *data);
  const signal_guard signals;
  root_ = make_folder(first.name + "-comparison", arguments_.out);
  const auto how = arguments_.simulate ? time_kind::virtual_time : time_kind::real;
  workshop shop{{root_, data, how, arguments_.at_once.value_or(arguments_.simulate ? 2 : 1),
                 arguments_.quiet},
                signals};
  tune(shop);
  if (signals.interrupted()) {
    log_line("interrupted while tuning: nothing has been measured");
    return interrupted;
  }
  begin(first);
  std::exception_ptr failure; // a failure to write one run's file must not stop other runs
  try {
    measure(shop);
  } catch (...) {
    failure = std::current_exception();
  }
  show();
  if (failure)
    std::rethrow_exception(failure);
  if (signals.interrupted())
    return interrupted;
  if (trained(outcome_))
    return success;
  log_line("the training failed in every run; lower optimizer.learning_rate");
  return failed;
}

} // namespace

int compare_command(const compare_arguments& arguments) try {
  auto variants = variants_from(arguments);
  return variants ? comparing{arguments, std::move(*variants)}.run() : int{bad_input};
} catch (...) {
  return exit_code_of_failure();
}

} // namespace adsp::apps
