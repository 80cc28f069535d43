// The list of all policies, with the functions that make the parts of each.
#include "sync/policies.hpp"

#include "sync/adacomm_options.hpp"
#include "sync/adacomm_policy.hpp"
#include "sync/adsp_options.hpp"
#include "sync/adsp_policy.hpp"
#include "sync/buffer_options.hpp"
#include "sync/clock_policy.hpp"
#include "sync/damping.hpp"
#include "sync/dssp_policy.hpp"
#include "sync/esync_policy.hpp"
#include "sync/fedopt_options.hpp"
#include "sync/free_policy.hpp"
#include "sync/ringmaster_options.hpp"
#include "sync/ringmaster_policy.hpp"
#include "sync/round_options.hpp"
#include "sync/round_policy.hpp"
#include "sync/round_worker.hpp"
#include "sync/ssp_options.hpp"
#include "sync/stepped_worker.hpp"
#include "sync/timed_worker.hpp"
#include "sync/wbsp_policy.hpp"

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

worker_ptr with_commit_and_when_stopped_worker(const options&) {
  return std::make_unique<stepped_worker>(refresh::with_commit_and_when_stopped);
}

worker_ptr with_commit_worker(const options&) {
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

scheduler_ptr barrier_scheduler(const options& x, const membership& members) {
  return std::make_unique<adacomm_policy>(members, local_steps_of(x), never);
}

scheduler_ptr adacomm_scheduler(const options& x, const membership& members) {
  return std::make_unique<adacomm_policy>(members, local_steps_of(x), x.adacomm->adapt_interval);
}

scheduler_ptr esync_scheduler(const options&, const membership& members) {
  return std::make_unique<esync_policy>(members);
}

scheduler_ptr equal_steps_scheduler(const options& x, const membership& members) {
  return std::make_unique<free_policy>(members, local_steps_of(x), step_share::equal);
}

scheduler_ptr by_speed_scheduler(const options& x, const membership& members) {
  return std::make_unique<free_policy>(members, local_steps_of(x), step_share::by_speed);
}

worker_ptr wbsp_worker_of(const options&) {
  return std::make_unique<wbsp_worker>();
}

scheduler_ptr wbsp_scheduler(const options&, const membership& members) {
  return std::make_unique<wbsp_policy>(members);
}

worker_ptr ringmaster_worker_of(const options&) {
  return std::make_unique<ringmaster_worker>();
}

scheduler_ptr ringmaster_scheduler(const options& x, const membership& members) {
  return std::make_unique<ringmaster_policy>(members, x.ringmaster->delay_bound);
}

scheduler_ptr adsp_scheduler(const options& x, const membership& members) {
  if (steps_by_round(x))
    return std::make_unique<round_policy>(members, x.check_period, *x.rounds);
  return std::make_unique<adsp_policy>(members, x.check_period, *x.adsp);
}

std::uint32_t at_least_one(std::size_t workers) {
  return static_cast<std::uint32_t>(std::max<std::size_t>(1, workers));
}

commit_rule mean_rule(const options&, std::size_t workers) {
  return {.eta = default_rate(workers, false)};
}

commit_rule esync_rule(const options&, std::size_t) {
  return {.kind = rule_kind::nesterov, .eta = 1, .momentum = 0, .step_weight = 0, .barrier = true};
}

commit_rule diloco_rule(const options&, std::size_t) {
  return {
      .kind = rule_kind::nesterov, .eta = 0.7, .momentum = 0.9, .step_weight = 0, .barrier = true};
}

commit_rule fedopt_rule(const options& x, std::size_t) {
  return {.kind = x.fedopt->rule == adaptive_rule::adam ? rule_kind::adam : rule_kind::yogi,
          .eta = 0.01,
          .momentum = 0.9,
          .step_weight = 0,
          .beta2 = x.fedopt->beta2,
          .floor = x.fedopt->adaptivity,
          .barrier = true};
}

commit_rule async_local_sgd_rule(const options&, std::size_t workers) {
  return {.kind = rule_kind::delayed_nesterov,
          .eta = 0.7,
          .momentum = 0.9,
          .count = at_least_one(workers)};
}

commit_rule heloco_rule(const options&, std::size_t workers) {
  return {
      .kind = rule_kind::look_ahead, .eta = 0.7, .momentum = 0.9, .count = at_least_one(workers)};
}

commit_rule fedbuff_rule(const options& x, std::size_t) {
  return {.kind = rule_kind::buffered,
          .eta = 0.7,
          .momentum = 0.9,
          .count = x.buffer->buffer.value_or(10)};
}

commit_rule ringmaster_rule(const options&, std::size_t) {
  return {};
}

commit_rule rennala_rule(const options& x, std::size_t workers) {
  return {.kind = rule_kind::rennala, .count = x.buffer->buffer.value_or(at_least_one(workers))};
}

commit_rule adsp_rule(const options& x, std::size_t workers) {
  if (steps_by_round(x))
    return {.kind = rule_kind::scheduled_nesterov,
            .eta = 1,
            .momentum = 0.9,
            .count = at_least_one(workers)};
  return {.kind = x.adsp->damping ? rule_kind::damped : rule_kind::plain,
          .eta = default_rate(workers, x.adsp->damping)};
}

constexpr std::array all{
    policy_info{.kind = policy_kind::bsp,
                .name = "bsp",
                .source = "Valiant, CACM 1990",
                .sentence = "Bulk synchronous parallel: a barrier after every step.",
                .barrier = true,
                .make_worker = barrier_worker,
                .make_scheduler = bsp_scheduler,
                .make_rule = mean_rule},
    policy_info{.kind = policy_kind::ssp,
                .name = "ssp",
                .source = "Ho et al., NIPS 2013",
                .sentence = "Stale synchronous parallel: nobody is more than `staleness` commits "
                            "ahead of the slowest.",
                .make_worker = ssp_worker,
                .make_scheduler = ssp_scheduler,
                .make_rule = mean_rule},
    policy_info{.kind = policy_kind::dssp,
                .name = "dssp",
                .source = "Zhao et al., ICDCS 2019",
                .sentence = "Dynamic SSP: the bound is chosen in a range, by the workers' latest "
                            "intervals.",
                .make_worker = with_commit_and_when_stopped_worker,
                .make_scheduler = dssp_scheduler,
                .make_rule = mean_rule},
    policy_info{.kind = policy_kind::tap,
                .name = "tap",
                .source = "Recht et al., NIPS 2011; Dean et al., NIPS 2012",
                .sentence = "Totally asynchronous parallel: a commit after every step, nobody "
                            "waits.",
                .make_worker = with_commit_worker,
                .make_scheduler = tap_scheduler,
                .make_rule = mean_rule},
    policy_info{.kind = policy_kind::fixed_adacomm,
                .name = "fixed_adacomm",
                .source = "Wang and Joshi, SysML 2019",
                .sentence = "A barrier after every `local_steps` steps.",
                .barrier = true,
                .local_steps = 40,
                .make_worker = barrier_worker,
                .make_scheduler = barrier_scheduler,
                .make_rule = mean_rule},
    policy_info{.kind = policy_kind::adacomm,
                .name = "adacomm",
                .source = "Wang and Joshi, SysML 2019",
                .sentence = "The same with local steps that become fewer as the training loss "
                            "falls.",
                .barrier = true,
                .local_steps = 40,
                .make_worker = barrier_worker,
                .make_scheduler = adacomm_scheduler,
                .make_rule = mean_rule},
    policy_info{.kind = policy_kind::esync,
                .name = "esync",
                .source = "Li et al., IEEE TSC 2022",
                .sentence = "A barrier after rounds as long as the slowest worker's step, in which "
                            "everybody makes as many steps as fit.",
                .barrier = true,
                .make_worker = barrier_worker,
                .make_scheduler = esync_scheduler,
                .make_rule = esync_rule},
    policy_info{.kind = policy_kind::diloco,
                .name = "diloco",
                .source = "Douillard et al., arXiv 2311.08105",
                .sentence = "A barrier after every `local_steps` steps; the server makes a step of "
                            "Nesterov's momentum by the mean.",
                .barrier = true,
                .local_steps = 500,
                .make_worker = barrier_worker,
                .make_scheduler = barrier_scheduler,
                .make_rule = diloco_rule},
    policy_info{.kind = policy_kind::fedopt,
                .name = "fedopt",
                .source = "Reddi et al., ICLR 2021",
                .sentence = "A barrier after every `local_steps` steps; the server makes a step of "
                            "Adam or Yogi by the mean.",
                .barrier = true,
                .local_steps = 40,
                .make_worker = barrier_worker,
                .make_scheduler = barrier_scheduler,
                .make_rule = fedopt_rule},
    policy_info{.kind = policy_kind::async_local_sgd,
                .name = "async_local_sgd",
                .source = "Liu et al., arXiv 2401.09135",
                .sentence =
                    "Everybody commits after as many steps as its speed allows, the fastest "
                    "after `local_steps`; delayed Nesterov momentum at the server.",
                .local_steps = 50,
                .make_worker = with_commit_worker,
                .make_scheduler = by_speed_scheduler,
                .make_rule = async_local_sgd_rule},
    policy_info{.kind = policy_kind::heloco,
                .name = "heloco",
                .source = "arXiv 2606.00271",
                .sentence = "Everybody commits after `local_steps` steps and gets parameters ahead "
                            "of the server's, which corrects each update by its momentum.",
                .local_steps = 50,
                .make_worker = with_commit_worker,
                .make_scheduler = equal_steps_scheduler,
                .make_rule = heloco_rule},
    policy_info{.kind = policy_kind::fedbuff,
                .name = "fedbuff",
                .source = "Nguyen et al., AISTATS 2022",
                .sentence = "Everybody commits after `local_steps` steps; the server moves after "
                            "every `buffer` commits, late ones counting less.",
                .local_steps = 40,
                .make_worker = with_commit_worker,
                .make_scheduler = equal_steps_scheduler,
                .make_rule = fedbuff_rule},
    policy_info{.kind = policy_kind::wbsp,
                .name = "wbsp",
                .source = "Yang et al., Parallel Computing 2024",
                .sentence = "A commit after every step, without an answer; parameters once a step "
                            "of the slowest worker.",
                .make_worker = wbsp_worker_of,
                .make_scheduler = wbsp_scheduler,
                .make_rule = mean_rule},
    policy_info{.kind = policy_kind::ringmaster,
                .name = "ringmaster",
                .source = "Maranjyan et al., ICML 2025",
                .sentence = "A commit after every step; a gradient is given up when `delay_bound` "
                            "others have been applied since its parameters.",
                .make_worker = ringmaster_worker_of,
                .make_scheduler = ringmaster_scheduler,
                .make_rule = ringmaster_rule},
    policy_info{.kind = policy_kind::rennala,
                .name = "rennala",
                .source = "Tyurin and Richtarik, NeurIPS 2023",
                .sentence = "A commit after every step; the server moves after `buffer` gradients "
                            "of its present parameters, and ignores older ones.",
                .make_worker = with_commit_worker,
                .make_scheduler = tap_scheduler,
                .make_rule = rennala_rule},
    policy_info{.kind = policy_kind::adsp,
                .name = "adsp",
                .source = "Hu, Wang, Wu, AAAI-20",
                .sentence = "Adaptive synchronous parallel: everybody commits at decided times, so "
                            "that commit counts stay equal and nobody waits.",
                .timer = true,
                .make_worker = adsp_worker,
                .make_scheduler = adsp_scheduler,
                .make_rule = adsp_rule},
};

} // namespace

std::span<const policy_info> policies() {
  return all;
}

} // namespace adsp::sync
