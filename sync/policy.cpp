#include "sync/policy.hpp"

#include "sync/adacomm_policy.hpp"
#include "sync/adsp_policy.hpp"
#include "sync/clock_policy.hpp"
#include "sync/stepped_worker.hpp"
#include "sync/timed_worker.hpp"

#include <array>
#include <utility>

namespace adsp::sync {

namespace {

constexpr std::array names{
    std::pair{policy_kind::bsp, std::string_view{"bsp"}},
    std::pair{policy_kind::ssp, std::string_view{"ssp"}},
    std::pair{policy_kind::tap, std::string_view{"tap"}},
    std::pair{policy_kind::fixed_adacomm, std::string_view{"fixed_adacomm"}},
    std::pair{policy_kind::adacomm, std::string_view{"adacomm"}},
    std::pair{policy_kind::adsp, std::string_view{"adsp"}},
};

} // namespace

std::string_view to_string(policy_kind x) {
  for (const auto& [kind, name] : names)
    if (kind == x)
      return name;
  return "unknown";
}

std::optional<policy_kind> policy_from(std::string_view name) {
  for (const auto& [kind, known] : names)
    if (known == name)
      return kind;
  return std::nullopt;
}

std::vector<std::string> policy_names() {
  std::vector<std::string> all;
  all.reserve(std::size(names));
  for (const auto& known : names)
    all.emplace_back(known.second);
  return all;
}

bool rolls_back(const options& x) {
  return x.policy == policy_kind::adsp && x.rollback;
}

bool damps(const options& x) {
  return x.policy == policy_kind::adsp && x.damping;
}

bool averages(const options& x) {
  return x.average.value_or(x.policy == policy_kind::adsp);
}

std::unique_ptr<worker_policy> make_worker_policy(const options& x) {
  switch (x.policy) {
  case policy_kind::bsp:
  case policy_kind::adacomm:
  case policy_kind::fixed_adacomm:
    return std::make_unique<stepped_worker>(refresh::after_release);
  case policy_kind::ssp:
    return std::make_unique<stepped_worker>(x.pull == pull_mode::every_commit
                                                ? refresh::with_commit_and_when_stopped
                                                : refresh::when_stale);
  case policy_kind::tap:
    return std::make_unique<stepped_worker>(refresh::with_commit);
  case policy_kind::adsp:
    return std::make_unique<timed_worker>(x.check_period, x.min_commit_interval, x.overlap);
  }
  return nullptr;
}

std::unique_ptr<scheduler_policy> make_scheduler_policy(const options& x,
                                                        const membership& members) {
  switch (x.policy) {
  case policy_kind::bsp:
    return std::make_unique<clock_policy>(members, 0);
  case policy_kind::ssp:
    return std::make_unique<clock_policy>(members, x.staleness);
  case policy_kind::tap:
    return std::make_unique<clock_policy>(members, unlimited);
  case policy_kind::adacomm:
    return std::make_unique<adacomm_policy>(members, x.local_steps, x.adapt_interval);
  case policy_kind::fixed_adacomm:
    return std::make_unique<adacomm_policy>(members, x.local_steps, never);
  case policy_kind::adsp:
    return std::make_unique<adsp_policy>(members, x);
  }
  return nullptr;
}

} // namespace adsp::sync
