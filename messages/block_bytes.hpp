// How CAF serializes blocks: lengths and one run of little-endian memory. Impossible lengths are
// refused before anything is allocated.
#pragma once

#include "messages/blocks/encoded_block.hpp"
#include "messages/blocks/parameter_block.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/deserializer.hpp>
#include <caf/error.hpp>
#include <caf/serializer.hpp>

namespace adsp {

caf::error inspect(caf::serializer& f, parameter_block& block);

/// Error: bad_bytes.
caf::error inspect(caf::deserializer& f, parameter_block& block);

/// Writes the format, the number of floats, the number of bytes, and the bytes.
caf::error inspect(caf::serializer& f, encoded_block& block);

/// Places and values are not checked here: `check_contents` does that. Error: bad_bytes.
caf::error inspect(caf::deserializer& f, encoded_block& block);

/// A deserialiser's context may implement this for a dry run: the contents of blocks are skipped,
/// and the blocks stay empty.
class dry_reader {
public:
  virtual ~dry_reader() = default;

  /// Whether a block of `bytes` travels behind its message instead of inside it.
  virtual bool takes_freight(std::size_t bytes) = 0;
};

/// Whether a block being read may announce these values; `format` may be any number.
bool acceptable(wire_format format, std::size_t size, std::size_t bytes);

/// For logs: only the size.
std::string to_string(const parameter_block& x);
std::string to_string(const encoded_block& x);

} // namespace adsp
