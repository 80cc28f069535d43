// Options of ADSP (Hu, Wang, Wu, AAAI-20), including those that differ from the paper.
#pragma once

#include "sync/types.hpp"

#include <cstdint>

namespace adsp::sync {

/// When the server moves.
enum class server_step : std::uint8_t {
  commit, ///< on every commit
  round,  ///< when the scheduler closes a round, on all commits that have arrived since the last
};

/// How ADSP finds its commit rate.
enum class search_kind : std::uint8_t {
  none,     ///< `commit_rate` holds for the whole job
  paper,    ///< probe 1, 2, 3, ... every epoch (AAAI-20, algorithm 1)
  adaptive, ///< from time to time try twice and half the present rate
};

/// How the search rates a probe.
enum class reward_kind : std::uint8_t {
  curve,  ///< as published: a curve with three unknowns fitted to the losses
  robust, ///< how fast the loss falls, with its standard error
};

/// What ADSP asks of the workers at a checkpoint.
enum class commit_share : std::uint8_t {
  cumulative, ///< dC_i = C_target - c_i: counts stay equal
  equal,      ///< the same rate for every worker (the authors' released code)
};

struct adsp_options {
  server_step step = server_step::round; ///< when the server moves; the rest: if on every commit
  seconds epoch = 1200;                  ///< time between two searches
  search_kind search = search_kind::adaptive;
  reward_kind reward = reward_kind::robust;
  commit_share rule = commit_share::cumulative;
  bool probe_barrier = false; ///< everybody commits and waits before and after a probe
  bool overlap = true;        ///< training goes on during the exchange
  bool rollback = true;       ///< return to the last good state when the loss diverges
  bool damping = true;        ///< a commit takes back a share of what others have moved meanwhile
  /// dC for the whole job, or until a search begins; the adaptive search replaces it by the
  /// comfortable rate once every worker has committed.
  double commit_rate = 4;
  double search_share = 0.08; ///< most of the job's time that the adaptive search spends in probes
  seconds probe_window = 0;   ///< length of a probe; 0: one check period
  double reference_loss = 0;  ///< l_ref of the reward; 0: the job's target loss
};

/// Sets every option to what the paper describes.
inline void as_published(adsp_options& options) {
  options.step = server_step::commit;
  options.search = search_kind::paper;
  options.reward = reward_kind::curve;
  options.rule = commit_share::cumulative;
  options.probe_barrier = options.overlap = options.rollback = options.damping = false;
}

} // namespace adsp::sync
