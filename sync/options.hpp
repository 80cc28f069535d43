// Which synchronisation policy a job has; the config's [sync] table. What a policy has to be told
// is in a header of its own, sync/NAME_options.hpp, which only those include who read it.
#pragma once

#include "sync/indirect.hpp"
#include "sync/types.hpp"

#include <optional>

namespace adsp::sync {

struct ssp_options;
struct dssp_options;
struct adacomm_options;
struct adsp_options;

/// The synchronisation policies; sync/policies.hpp says what there is to say about each.
enum class policy_kind : std::uint8_t { bsp, ssp, dssp, tap, fixed_adacomm, adacomm, adsp };

struct options {
  options();

  policy_kind policy = policy_kind::adsp;
  seconds check_period = 60; ///< ADSP: Gamma. With any policy the time between two counts of all
                             ///< workers for workers.csv
  /// What is evaluated and saved is the average of the latest states evaluated; unset: with ADSP,
  /// but for the published one.
  std::optional<bool> average;
  indirect<ssp_options> ssp;
  indirect<dssp_options> dssp;
  indirect<adacomm_options> adacomm; ///< of fixed_adacomm too
  indirect<adsp_options> adsp;
};

} // namespace adsp::sync
