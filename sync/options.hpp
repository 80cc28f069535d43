// The synchronisation policy of a job; the config's [sync] table. Each policy's own options are in
// sync/NAME_options.hpp, included only where they are read.
#pragma once

#include "sync/indirect.hpp"
#include "sync/types.hpp"

#include <optional>

namespace adsp::sync {

struct ssp_options;
struct dssp_options;
struct adacomm_options;
struct fedopt_options;
struct buffer_options;
struct ringmaster_options;
struct adsp_options;
struct round_options;

/// The synchronisation policies; sync/policies.hpp describes each.
enum class policy_kind : std::uint8_t {
  bsp,
  ssp,
  dssp,
  tap,
  fixed_adacomm,
  adacomm,
  esync,
  diloco,
  fedopt,
  async_local_sgd,
  heloco,
  fedbuff,
  wbsp,
  ringmaster,
  rennala,
  adsp,
};

struct options {
  options();

  policy_kind policy = policy_kind::adsp;
  seconds check_period = 60; ///< ADSP: Gamma. With every policy also the time between two rows of
                             ///< each worker in workers.csv
  /// Steps between two commits, at first where the policy changes them; unset: as published.
  std::optional<std::uint32_t> local_steps;
  /// Whether the average of the latest evaluated states is evaluated and saved; unset: yes with
  /// ADSP, except ADSP as published.
  std::optional<bool> average;
  indirect<ssp_options> ssp;
  indirect<dssp_options> dssp;
  indirect<adacomm_options> adacomm;
  indirect<fedopt_options> fedopt;
  indirect<buffer_options> buffer; ///< of fedbuff and rennala
  indirect<ringmaster_options> ringmaster;
  indirect<adsp_options> adsp;
  indirect<round_options> rounds; ///< of policies whose server steps once a round
};

} // namespace adsp::sync
