// How a parameter block becomes bytes under CAF: a length and one run of little-endian floats. A
// length that cannot be true is refused before anything is allocated.
#pragma once

#include "messages/parameter_block.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/deserializer.hpp>
#include <caf/error.hpp>
#include <caf/serializer.hpp>

namespace adsp {

caf::error inspect(caf::serializer& f, parameter_block& x);

/// Error: bad_bytes.
caf::error inspect(caf::deserializer& f, parameter_block& x);

/// For logs: the size alone.
std::string to_string(const parameter_block& x);

} // namespace adsp
