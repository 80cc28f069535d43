// `adsp compare`: one job under several policies, several seeds each, two runs at a time.
#include "apps/atomic_file.hpp"
#include "apps/commands.hpp"
#include "apps/comparison.hpp"
#include "apps/config.hpp"
#include "apps/inputs.hpp"
#include "apps/report.hpp"
#include "apps/summary.hpp"
#include "apps/training.hpp"
#include "apps/variant.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cmath>
#include <mutex>
#include <thread>

namespace adsp::apps {

namespace {

namespace fs = std::filesystem;

/// One run to be made.
struct task {
  job plan;
  std::string label;
  fs::path directory; ///< relative to the comparison's
  std::optional<job_result> result;
};

/// Makes runs, `at_once` of them at a time, and says how each ended.
class workshop {
public:
  workshop(fs::path root, data_ptr data, time_kind how, std::size_t at_once, bool quiet,
           const signal_guard& signals)
      : root_{std::move(root)}, data_{std::move(data)}, how_{how}, at_once_{at_once}, quiet_{quiet},
        signals_{signals} {}

  /// Throws what the first failing run threw; a training that diverges is a result, not a failure.
  void make(std::vector<task>& tasks) {
    std::atomic<std::size_t> next = 0;
    done_ = 0;
    const auto work = [&] {
      for (std::size_t i = next++; i < tasks.size() && !stopped(); i = next++)
        try {
          make(tasks[i]);
          tell(tasks[i], tasks.size());
        } catch (...) {
          const std::lock_guard lock{mutex_};
          if (!failure_)
            failure_ = std::current_exception();
        }
    };
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(at_once_, tasks.size()); ++i)
      others.emplace_back(work);
    work();
    others.clear();
    if (failure_)
      std::rethrow_exception(failure_);
  }

private:
  bool stopped() {
    const std::lock_guard lock{mutex_};
    return failure_ || signals_.interrupted();
  }

  void make(task& x) {
    auto directory =
        std::make_shared<run_directory>(run_directory::create(x.plan, root_ / x.directory));
    progress_printer silent{stderr, false, true, {}};
    auto end = train(x.plan, data_, std::move(directory), how_, silent, signals_);
    if (!end.trouble.empty())
      throw std::runtime_error{end.trouble};
    end.result.parameters.clear();
    x.result = std::move(end.result);
  }

  void tell(const task& x, std::size_t all) {
    const std::lock_guard lock{mutex_};
    ++done_;
    if (!quiet_)
      fmt::print(stderr, "[{}/{}] {} seed {}: {}{}\n", done_, all, x.label, x.plan.seed,
                 ending(x.plan, *x.result),
                 x.result->text.empty() ? "" : " (" + x.result->text + ")");
  }

  fs::path root_;
  data_ptr data_;
  time_kind how_;
  std::size_t at_once_;
  bool quiet_;
  const signal_guard& signals_;
  std::mutex mutex_; ///< guards what follows
  std::size_t done_ = 0;
  std::exception_ptr failure_;
};

/// The variants, or nothing after every mistake has been printed.
std::optional<std::vector<variant>> variants_from(const compare_arguments& x) {
  std::vector<variant> all;
  bool good = true;
  for (const auto& text : x.policies) {
    std::string error;
    auto found = parse_variant(text, error);
    if (std::any_of(all.begin(), all.end(), [&](const variant& v) { return v.label == text; }))
      error = fmt::format("\"{}\" is there twice", text);
    if (found && error.empty())
      all.push_back(std::move(*found));
    else
      print_error("--policies: " + error);
    good = good && error.empty();
  }
  for (const auto& text : x.tune) {
    const auto found = parse_choice(text);
    if (found && is_common(found->key)) {
      print_error(
          fmt::format("--tune: found \"{}\", but data, job and evaluation must be the same for all "
                      "policies; use --set",
                      text));
      good = false;
      continue;
    }
    if (!found || found->values.size() < 2) {
      print_error(fmt::format("--tune: found \"{}\", expected KEY=VALUE|VALUE, for instance "
                              "optimizer.learning_rate=0.05|0.1",
                              text));
      good = false;
      continue;
    }
    for (auto& v : all)
      if (std::none_of(v.choices.begin(), v.choices.end(),
                       [&](const choice& known) { return known.key == found->key; }))
        v.choices.push_back(*found);
  }
  return good ? std::optional{all} : std::nullopt;
}

/// The job of a variant, or nothing after every error has been printed.
std::optional<job> plan_of(const compare_arguments& x, const variant& v,
                           const std::vector<std::string>& chosen) {
  auto config = x.config;
  config.overrides.insert(config.overrides.end(), v.overrides.begin(), v.overrides.end());
  config.overrides.insert(config.overrides.end(), chosen.begin(), chosen.end());
  return job_from(config);
}

/// Letters, digits, '.', '_', '-' and '+' of a label, and the variant's number where that is not all.
std::string folder_of(const std::string& label, std::size_t number) {
  std::string name;
  for (const char c : label)
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '.' || c == '-'
                ? c
                : '_';
  return name == label ? name : fmt::format("{}_{}", number + 1, name.substr(0, 60));
}

/// Whether `a` is a better outcome of a trial: sooner at the target, or nearer to it.
bool better(const job_result& a, const job_result& b) {
  const auto sooner = time_to_target(a);
  const auto later = time_to_target(b);
  if (sooner != later)
    return sooner < later;
  return std::isfinite(a.last.loss) && !(a.last.loss >= b.last.loss);
}

std::string target_text(const evaluation_options& x) {
  std::vector<std::string> parts;
  if (x.target_loss > 0)
    parts.push_back(fmt::format("loss {}", x.target_loss));
  if (x.target_accuracy > 0)
    parts.push_back(fmt::format("accuracy {}", x.target_accuracy));
  if (parts.empty())
    return "";
  return fmt::format("{} averaged over {} evaluations", fmt::join(parts, " or "), x.window);
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
  void measure(workshop& shop);

  const compare_arguments& arguments_;
  std::vector<variant> variants_;
  std::vector<std::vector<std::vector<std::string>>> combinations_; ///< of each variant
  std::vector<std::vector<job>> plans_;                             ///< one a combination
  std::vector<std::size_t> chosen_;                                 ///< combination of each variant
  comparison outcome_;
};

bool comparing::make_plans() {
  for (const auto& v : variants_) {
    combinations_.push_back(v.combinations());
    auto& plans = plans_.emplace_back();
    for (const auto& chosen : combinations_.back()) {
      const auto plan = plan_of(arguments_, v, chosen);
      if (!plan || (arguments_.simulate && !can_be_simulated(*plan)))
        return false;
      plans.push_back(*plan);
    }
  }
  chosen_.assign(variants_.size(), 0);
  return true;
}

/// Tries every combination once, with a seed that is not measured with.
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
    }
  shop.make(tasks);
  std::vector<const job_result*> best(variants_.size(), nullptr);
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    const auto [i, k] = whose[t];
    if (tasks[t].result && (best[i] == nullptr || better(*tasks[t].result, *best[i]))) {
      best[i] = &*tasks[t].result;
      chosen_[i] = k;
    }
  }
}

void comparing::measure(workshop& shop) {
  std::vector<task> tasks;
  for (std::uint64_t n = 0; n < arguments_.seeds; ++n)
    for (std::size_t i = 0; i < variants_.size(); ++i) {
      auto plan = plans_[i][chosen_[i]];
      plan.seed += n;
      const auto directory = fs::path{folder_of(variants_[i].label, i)} / std::to_string(plan.seed);
      tasks.push_back({std::move(plan), variants_[i].label, directory, {}});
    }
  shop.make(tasks);
  for (std::size_t t = 0; t < tasks.size(); ++t)
    if (tasks[t].result && tasks[t].result->reason != end_reason::interrupted)
      outcome_.policies[t % variants_.size()].runs.push_back(
          {tasks[t].plan.seed, tasks[t].directory.string(), std::move(*tasks[t].result)});
}

int comparing::run() {
  if (!make_plans())
    return bad_input;
  const auto& first = plans_.front().front();
  const auto data = data_from(first.data);
  if (!data)
    return bad_input;
  const signal_guard signals;
  const auto root = make_folder(first.name + "-comparison", arguments_.out);
  const auto how = arguments_.simulate ? time_kind::virtual_time : time_kind::real;
  workshop shop{root, data, how, arguments_.at_once, arguments_.quiet, signals};
  tune(shop);
  outcome_.job = first.name;
  outcome_.target = target_text(first.evaluation);
  outcome_.simulated = arguments_.simulate;
  for (std::uint64_t n = 0; n < arguments_.seeds; ++n)
    outcome_.seeds.push_back(first.seed + n);
  for (std::size_t i = 0; i < variants_.size(); ++i)
    outcome_.policies.push_back({variants_[i].label, combinations_[i][chosen_[i]], {}});
  if (!signals.interrupted())
    measure(shop);
  std::erase_if(outcome_.policies, [](const auto& x) { return x.runs.empty(); });
  if (!outcome_.policies.empty()) {
    write_atomically(root / "compare.json", comparison_json(outcome_));
    fmt::print("{}", comparison_table(outcome_));
    if (!outcome_.target.empty())
      fmt::print("target: {}; median (min to max) over {} seeds\n", outcome_.target,
                 arguments_.seeds);
    write_atomically(root / "report.html", report_html(root));
    fmt::print("files in {}, page {}\n", root.string(), (root / "report.html").string());
  }
  return signals.interrupted() ? interrupted : success;
}

} // namespace

int compare_command(const compare_arguments& x) try {
  auto variants = variants_from(x);
  return variants ? comparing{x, std::move(*variants)}.run() : int{bad_input};
} catch (...) {
  return exit_code_of_failure();
}

} // namespace adsp::apps
