// The registrar's ids for the members of a cluster.
#pragma once

#include <cstdint>

namespace adsp {

/// 1, 2, 3, ... in the order of admission; never reused.
using member_id = std::uint64_t;

} // namespace adsp
