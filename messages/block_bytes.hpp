// How blocks become bytes under CAF: lengths and one run of little-endian memory. Lengths that
// cannot be true are refused before anything is allocated.
#pragma once

#include "messages/blocks/encoded_block.hpp"
#include "messages/blocks/parameter_block.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/deserializer.hpp>
#include <caf/error.hpp>
#include <caf/serializer.hpp>

namespace adsp {

caf::error inspect(caf::serializer& f, parameter_block& x);

/// Error: bad_bytes.
caf::error inspect(caf::deserializer& f, parameter_block& x);

/// Format, floats, bytes, and the bytes.
caf::error inspect(caf::serializer& f, encoded_block& x);

/// What the bytes say, places and values, is not looked at here: `check_contents`. Error:
/// bad_bytes.
caf::error inspect(caf::deserializer& f, encoded_block& x);

/// A deserialiser's context may implement this to read messages without what their blocks hold:
/// the contents are passed over, the blocks stay empty.
class dry_reader {
public:
  virtual ~dry_reader() = default;

  /// Whether a block of so many bytes travels behind its message, and is not looked for in it.
  virtual bool takes_freight(std::size_t bytes) = 0;
};

/// Whether a block read from bytes may announce this; the format may be any number.
bool acceptable(wire_format format, std::size_t size, std::size_t bytes);

/// For logs: the size alone.
std::string to_string(const parameter_block& x);
std::string to_string(const encoded_block& x);

} // namespace adsp
