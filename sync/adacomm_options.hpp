// Options of ADACOMM and Fixed ADACOMM (Wang and Joshi, SysML 2019).
#pragma once

#include "sync/types.hpp"

#include <cstdint>

namespace adsp::sync {

struct adacomm_options {
  std::uint32_t local_steps = 40; ///< tau_0, in steps
  seconds adapt_interval = 60;    ///< ADACOMM: T0
};

} // namespace adsp::sync
