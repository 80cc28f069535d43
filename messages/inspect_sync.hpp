// Which fields of the structs of sync/ are sent, and in which order, as types.hpp says it of its own:
// apart from them, since sync/ knows nothing of messages.
#pragma once

#include "sync/commit_rule.hpp"
#include "sync/types.hpp"

namespace adsp::sync {

template <class F>
decltype(auto) inspect(F& f, progress& x) {
  return f(x.steps, x.commits, x.bytes, x.compute, x.communicate, x.wait, x.loss_sum, x.exchange);
}

template <class F>
decltype(auto) inspect(F& f, instruction& x) {
  return f(x.revision, x.permitted_commits, x.local_steps, x.commits_due, x.generation, x.round,
           x.round_length, x.until_round, x.held_at_most);
}

template <class F>
decltype(auto) inspect(F& f, commit_rule& x) {
  return f(x.kind, x.eta, x.momentum, x.step_weight, x.beta2, x.floor, x.count, x.barrier);
}

} // namespace adsp::sync
