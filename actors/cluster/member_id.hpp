// What the members of a cluster are known by within the registrar.
#pragma once

#include <cstdint>

namespace adsp {

/// 1, 2, 3, ... in the order of admission; never used again.
using member_id = std::uint64_t;

} // namespace adsp
