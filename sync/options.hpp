// The knobs of every synchronisation policy with their defaults; the config's [sync] table.
#pragma once

#include "sync/types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adsp::sync {

/// The synchronisation policies, by their names in the literature.
enum class policy_kind : std::uint8_t {
  bsp, ///< bulk synchronous parallel: a barrier after every step
  ssp, ///< stale synchronous parallel (Ho et al., NIPS 2013)
  tap, ///< totally asynchronous parallel (Recht et al., NIPS 2011; Dean et al., NIPS 2012)
  fixed_adacomm, ///< a barrier after every tau steps
  adacomm,       ///< the same with tau adapted to the loss (Wang and Joshi, SysML 2019)
  adsp,          ///< adaptive synchronous parallel (Hu, Wang, Wu, AAAI-20)
};

/// The name a config uses, "bsp" ... "adsp".
std::string_view to_string(policy_kind x);

/// The inverse of `to_string`; nothing for an unknown name.
std::optional<policy_kind> policy_from(std::string_view name);

/// All names, in the order of the enumeration.
std::vector<std::string> policy_names();

/// When an SSP worker fetches parameters.
enum class pull_mode : std::uint8_t {
  every_commit, ///< the reply to each push replaces the local copy
  when_stale,   ///< only when the staleness bound asks for it
};

/// How ADSP finds its commit rate.
enum class search_kind : std::uint8_t {
  none,     ///< `commit_rate` holds for the whole job
  paper,    ///< probe 1, 2, 3, ... every epoch (AAAI-20, algorithm 1)
  adaptive, ///< try the neighbours of the present rate, up and down, now and then
};

/// What a probe of the search is worth.
enum class reward_kind : std::uint8_t {
  curve,  ///< the published one: a curve of three unknowns fitted to the losses
  robust, ///< how fast the loss falls, with its standard error
};

/// What ADSP asks of the workers at a checkpoint.
enum class commit_share : std::uint8_t {
  cumulative, ///< dC_i = C_target - c_i: counts stay equal
  equal,      ///< the same rate for every worker (the authors' released code)
};

struct options {
  policy_kind policy = policy_kind::adsp;

  std::uint32_t staleness = 40;             ///< SSP: s, in commits
  pull_mode pull = pull_mode::every_commit; ///< SSP

  std::uint32_t local_steps = 40; ///< ADACOMM, Fixed ADACOMM: tau_0, in steps
  seconds adapt_interval = 60;    ///< ADACOMM: T0

  seconds check_period = 60;                    ///< ADSP: Gamma
  seconds epoch = 1200;                         ///< ADSP: time between two searches
  search_kind search = search_kind::adaptive;   ///< ADSP
  reward_kind reward = reward_kind::robust;     ///< ADSP
  commit_share rule = commit_share::cumulative; ///< ADSP
  bool probe_barrier = false; ///< ADSP: everybody commits and waits before and after a probe
  bool overlap = true;        ///< ADSP: training goes on during the exchange
  bool rollback = true;       ///< ADSP: back to the last good state when the loss diverges
  bool damping = true;        ///< ADSP: commits take back a share of what others did meanwhile
  /// What is evaluated and saved is the average of the latest states evaluated; unset: with ADSP.
  std::optional<bool> average;
  /// ADSP: dC for good, or until a search begins; the adaptive one replaces it by the comfortable
  /// rate when everybody has committed.
  double commit_rate = 4;
  seconds probe_window = 0;           ///< ADSP: length of a probe; 0 means one check period
  seconds min_commit_interval = 0;    ///< ADSP: floor of a worker's timer
  double reference_loss = 0;          ///< ADSP: l_ref of the reward; the job's target loss
  std::uint32_t max_commit_rate = 64; ///< ADSP: the search stops here at the latest
};

} // namespace adsp::sync
