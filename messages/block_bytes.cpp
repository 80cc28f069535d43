#include "messages/block_bytes.hpp"

#include "messages/errors.hpp"

#include <algorithm>
#include <bit>

namespace adsp {

static_assert(std::endian::native == std::endian::little,
              "blocks are sent as they lie in memory: little-endian");

caf::error inspect(caf::serializer& f, parameter_block& x) {
  auto size = static_cast<std::uint32_t>(x.size());
  if (auto error = f(size))
    return error;
  // apply_raw takes a mutable pointer for both directions; a serializer only reads.
  auto* data = const_cast<float*>(x.values().data());
  return f.apply_raw(size * sizeof(float), data);
}

caf::error inspect(caf::deserializer& f, parameter_block& x) {
  std::uint32_t size = 0;
  if (auto error = f(size))
    return error;
  const auto* binary = dynamic_cast<caf::binary_deserializer*>(&f);
  if (binary == nullptr)
    return make_error(ec::bad_bytes, "parameter blocks are read from memory only");
  auto bytes = std::size_t{size} * sizeof(float);
  if (size > parameter_block::max_size || bytes > binary->remaining())
    return make_error(ec::bad_bytes, "a parameter block announces " + std::to_string(size) +
                                         " floats where " + std::to_string(binary->remaining()) +
                                         " bytes follow");
  if (size == 0) {
    x = {};
    return caf::none;
  }
  auto buffer = std::make_shared<parameter_buffer>(size);
  if (auto error = f.apply_raw(bytes, buffer->values().data()))
    return error;
  x = parameter_block{std::move(buffer)};
  return caf::none;
}

std::string to_string(const parameter_block& x) {
  return "parameter_block(" + std::to_string(x.size()) + ")";
}

} // namespace adsp
