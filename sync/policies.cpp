// What is known of a policy by its kind or name, and of the options of a job.
#include "sync/policies.hpp"

#include "sync/adacomm_options.hpp"
#include "sync/adsp_options.hpp"
#include "sync/buffer_options.hpp"
#include "sync/dssp_policy.hpp"
#include "sync/fedopt_options.hpp"
#include "sync/ringmaster_options.hpp"
#include "sync/round_options.hpp"
#include "sync/ssp_options.hpp"

#include <algorithm>

namespace adsp::sync {

const policy_info& info_of(policy_kind kind) {
  return *std::ranges::find(policies(), kind, &policy_info::kind);
}

std::uint32_t local_steps_of(const options& x) {
  return x.local_steps.value_or(info_of(x.policy).local_steps);
}

std::string_view to_string(policy_kind kind) {
  return info_of(kind).name;
}

std::optional<policy_kind> policy_from(std::string_view name) {
  const auto found = std::ranges::find(policies(), name, &policy_info::name);
  return found == policies().end() ? std::nullopt : std::optional{found->kind};
}

std::vector<std::string> policy_names() {
  std::vector<std::string> names;
  names.reserve(policies().size());
  for (const auto& each : policies())
    names.emplace_back(each.name);
  return names;
}

options::options()
    : ssp{indirect<ssp_options>::make()}, dssp{indirect<dssp_options>::make()},
      adacomm{indirect<adacomm_options>::make()}, fedopt{indirect<fedopt_options>::make()},
      buffer{indirect<buffer_options>::make()}, ringmaster{indirect<ringmaster_options>::make()},
      adsp{indirect<adsp_options>::make()}, rounds{indirect<round_options>::make()} {}

bool rolls_back(const options& x) {
  return x.policy == policy_kind::adsp && x.adsp->rollback;
}

bool steps_by_round(const options& x) {
  return x.policy == policy_kind::adsp && x.adsp->step == server_step::round;
}

bool averages(const options& x) {
  return x.average.value_or(x.policy == policy_kind::adsp && x.adsp->search != search_kind::paper);
}

commit_rule make_commit_rule(const options& x, std::size_t workers) {
  return info_of(x.policy).make_rule(x, workers);
}

std::unique_ptr<worker_policy> make_worker_policy(const options& x) {
  return info_of(x.policy).make_worker(x);
}

std::unique_ptr<scheduler_policy> make_scheduler_policy(const options& x,
                                                        const membership& members) {
  return info_of(x.policy).make_scheduler(x, members);
}

} // namespace adsp::sync
