// Options of ADACOMM (Wang and Joshi, SysML 2019).
#pragma once

#include "sync/types.hpp"

namespace adsp::sync {

struct adacomm_options {
  seconds adapt_interval = 60; ///< T0
};

} // namespace adsp::sync
