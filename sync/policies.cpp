#include "sync/policies.hpp"

#include "sync/adacomm_options.hpp"
#include "sync/adacomm_policy.hpp"
#include "sync/adsp_options.hpp"
#include "sync/adsp_policy.hpp"
#include "sync/clock_policy.hpp"
#include "sync/dssp_policy.hpp"
#include "sync/round_options.hpp"
#include "sync/round_policy.hpp"
#include "sync/round_worker.hpp"
#include "sync/ssp_options.hpp"
#include "sync/stepped_worker.hpp"
#include "sync/timed_worker.hpp"

#include <algorithm>
#include <array>

namespace adsp::sync {

namespace {

using worker_ptr = std::unique_ptr<worker_policy>;
using scheduler_ptr = std::unique_ptr<scheduler_policy>;

worker_ptr barrier_worker(const options&) {
  return std::make_unique<stepped_worker>(refresh::after_release);
}

worker_ptr ssp_worker(const options& chosen) {
  return std::make_unique<stepped_worker>(chosen.ssp->pull == pull_mode::every_commit
                                              ? refresh::with_commit_and_when_stopped
                                              : refresh::when_stale);
}

worker_ptr dssp_worker(const options&) {
  return std::make_unique<stepped_worker>(refresh::with_commit_and_when_stopped);
}

worker_ptr tap_worker(const options&) {
  return std::make_unique<stepped_worker>(refresh::with_commit);
}

worker_ptr adsp_worker(const options& x) {
  if (steps_by_round(x))
    return std::make_unique<round_worker>();
  return std::make_unique<timed_worker>(x.check_period, x.adsp->overlap);
}

scheduler_ptr bsp_scheduler(const options&, const membership& members) {
  return std::make_unique<clock_policy>(members, 0);
}

scheduler_ptr ssp_scheduler(const options& x, const membership& members) {
  return std::make_unique<clock_policy>(members, x.ssp->staleness);
}

scheduler_ptr dssp_scheduler(const options& x, const membership& members) {
  return std::make_unique<dssp_policy>(members, *x.dssp);
}

scheduler_ptr tap_scheduler(const options&, const membership& members) {
  return std::make_unique<clock_policy>(members, unlimited);
}

scheduler_ptr fixed_adacomm_scheduler(const options& x, const membership& members) {
  return std::make_unique<adacomm_policy>(members, x.adacomm->local_steps, never);
}

scheduler_ptr adacomm_scheduler(const options& chosen, const membership& members) {
  return std::make_unique<adacomm_policy>(members, chosen.adacomm->local_steps,
                                          chosen.adacomm->adapt_interval);
}

scheduler_ptr adsp_scheduler(const options& x, const membership& members) {
  if (steps_by_round(x))
    return std::make_unique<round_policy>(members, x.check_period, *x.rounds);
  return std::make_unique<adsp_policy>(members, x.check_period, *x.adsp);
}

constexpr std::array all{
    policy_info{policy_kind::bsp, "bsp", "Valiant, CACM 1990",
                "Bulk synchronous parallel: a barrier after every step.", true, false,
                barrier_worker, bsp_scheduler},
    policy_info{policy_kind::ssp, "ssp", "Ho et al., NIPS 2013",
                "Stale synchronous parallel: nobody is more than `staleness` commits ahead of the "
                "slowest.",
                false, false, ssp_worker, ssp_scheduler},
    policy_info{policy_kind::dssp, "dssp", "Zhao et al., ICDCS 2019",
                "Dynamic SSP: the bound is chosen in a range, by the workers' latest intervals.",
                false, false, dssp_worker, dssp_scheduler},
    policy_info{policy_kind::tap, "tap", "Recht et al., NIPS 2011; Dean et al., NIPS 2012",
                "Totally asynchronous parallel: a commit after every step, nobody waits.", false,
                false, tap_worker, tap_scheduler},
    policy_info{policy_kind::fixed_adacomm, "fixed_adacomm", "Wang and Joshi, SysML 2019",
                "A barrier after every `local_steps` steps.", true, false, barrier_worker,
                fixed_adacomm_scheduler},
    policy_info{policy_kind::adacomm, "adacomm", "Wang and Joshi, SysML 2019",
                "The same with local steps that become fewer as the training loss falls.", true,
                false, barrier_worker, adacomm_scheduler},
    policy_info{policy_kind::adsp, "adsp", "Hu, Wang, Wu, AAAI-20",
                "Adaptive synchronous parallel: everybody commits at a rate of its own, so that "
                "commit counts stay equal and nobody waits.",
                false, true, adsp_worker, adsp_scheduler},
};

} // namespace

std::span<const policy_info> policies() {
  return all;
}

const policy_info& info_of(policy_kind kind) {
  return *std::ranges::find(all, kind, &policy_info::kind);
}

std::string_view to_string(policy_kind kind) {
  return info_of(kind).name;
}

std::optional<policy_kind> policy_from(std::string_view name) {
  const auto* found = std::ranges::find(all, name, &policy_info::name);
  return found == all.end() ? std::nullopt : std::optional{found->kind};
}

std::vector<std::string> policy_names() {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const auto& each : all)
    names.emplace_back(each.name);
  return names;
}

options::options()
    : ssp{indirect<ssp_options>::make()}, dssp{indirect<dssp_options>::make()},
      adacomm{indirect<adacomm_options>::make()}, adsp{indirect<adsp_options>::make()},
      rounds{indirect<round_options>::make()} {}

bool rolls_back(const options& x) {
  return x.policy == policy_kind::adsp && x.adsp->rollback;
}

bool damps(const options& x) {
  return x.policy == policy_kind::adsp && x.adsp->damping && !steps_by_round(x);
}

bool steps_by_round(const options& x) {
  return x.policy == policy_kind::adsp && x.adsp->step == server_step::round;
}

bool averages(const options& x) {
  return x.average.value_or(x.policy == policy_kind::adsp && x.adsp->search != search_kind::paper);
}

std::unique_ptr<worker_policy> make_worker_policy(const options& x) {
  return info_of(x.policy).make_worker(x);
}

std::unique_ptr<scheduler_policy> make_scheduler_policy(const options& x,
                                                        const membership& members) {
  return info_of(x.policy).make_scheduler(x, members);
}

} // namespace adsp::sync
