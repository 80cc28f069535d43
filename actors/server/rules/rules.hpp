// The rules of a server, a file each; sync/commit_rule.hpp has their formulas.
#pragma once

#include "actors/server/commit_applier.hpp"

namespace adsp {

using applier_ptr = std::unique_ptr<commit_applier>;

applier_ptr make_plain();
applier_ptr make_damped();

/// A velocity that moves with every commit.
applier_ptr make_velocity(const sync::commit_rule& rule, std::size_t size);

/// Delayed Nesterov (Liu et al., arXiv 2401.09135, algorithm 3 with c = 0).
applier_ptr make_delayed_nesterov(const sync::commit_rule& rule, std::size_t size);

/// HeLoCo (arXiv 2606.00271), a shard taken as one block.
applier_ptr make_look_ahead(const sync::commit_rule& rule, std::size_t size);

/// FedBuff (Nguyen et al., AISTATS 2022, arXiv 2106.06639).
applier_ptr make_buffered(const sync::commit_rule& rule, std::size_t size);

/// Rennala SGD (Tyurin, Richtarik, NeurIPS 2023, arXiv 2305.12387). Each shard decides for itself
/// which gradients are of its present parameters.
applier_ptr make_rennala(const sync::commit_rule& rule, std::size_t size);

/// Once a round, Nesterov's momentum: constant, as DiLoCo's outer step (Douillard et al., arXiv
/// 2311.08105), or growing by his own schedule (Nesterov 1983; Sutskever et al., ICML 2013).
applier_ptr make_round_nesterov(const sync::commit_rule& rule, std::size_t size);

/// Once a round, Adam's or Yogi's step, without correction of the bias, from S = floor^2 (Reddi et
/// al., ICLR 2021, arXiv 2003.00295, algorithm 2).
applier_ptr make_round_adam(const sync::commit_rule& rule, std::size_t size);

} // namespace adsp
