#include "messages/block_bytes.hpp"

#include "messages/errors.hpp"
#include "messages/skimming.hpp"

#include <algorithm>
#include <bit>

namespace adsp {

static_assert(std::endian::native == std::endian::little,
              "blocks are sent as they lie in memory: little-endian");

namespace {

bool passes_over_blocks(caf::deserializer& f) {
  return dynamic_cast<skimming*>(f.context()) != nullptr;
}

} // namespace

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
  auto* binary = dynamic_cast<caf::binary_deserializer*>(&f);
  if (binary == nullptr)
    return make_error(ec::bad_bytes, "parameter blocks are read from memory only");
  auto bytes = std::size_t{size} * sizeof(float);
  if (size > parameter_block::max_size || bytes > binary->remaining())
    return make_error(ec::bad_bytes, "a parameter block announces " + std::to_string(size) +
                                         " floats where " + std::to_string(binary->remaining()) +
                                         " bytes follow");
  if (passes_over_blocks(f)) {
    binary->skip(bytes);
    return caf::none;
  }
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

caf::error inspect(caf::serializer& f, encoded_block& x) {
  auto format = static_cast<std::uint8_t>(x.format());
  auto size = static_cast<std::uint32_t>(x.size());
  auto bytes = static_cast<std::uint32_t>(x.byte_count());
  if (auto error = f(format, size, bytes))
    return error;
  return f.apply_raw(bytes, const_cast<std::byte*>(x.bytes().data()));
}

bool acceptable(wire_format format, std::size_t size, std::size_t bytes) {
  return size <= parameter_block::max_size && consistent(format, size, bytes);
}

caf::error inspect(caf::deserializer& f, encoded_block& x) {
  std::uint8_t number = 0;
  std::uint32_t size = 0;
  std::uint32_t bytes = 0;
  if (auto error = f(number, size, bytes))
    return error;
  auto* binary = dynamic_cast<caf::binary_deserializer*>(&f);
  if (binary == nullptr)
    return make_error(ec::bad_bytes, "blocks are read from memory only");
  const auto format = static_cast<wire_format>(number);
  if (!acceptable(format, size, bytes) || bytes > binary->remaining())
    return make_error(ec::bad_bytes, "a block of format " + std::to_string(number) + " announces " +
                                         std::to_string(size) + " floats in " +
                                         std::to_string(bytes) + " bytes where " +
                                         std::to_string(binary->remaining()) + " follow");
  if (passes_over_blocks(f)) {
    binary->skip(bytes);
    return caf::none;
  }
  if (size == 0) {
    x = {};
    return caf::none;
  }
  auto buffer = std::make_shared<parameter_buffer>(floats_for(bytes));
  if (auto error = f.apply_raw(bytes, buffer->values().data()))
    return error;
  x = encoded_block{format, size, bytes, parameter_block{std::move(buffer)}};
  return caf::none;
}

std::string to_string(const encoded_block& x) {
  return "encoded_block(" + std::to_string(x.size()) + ")";
}

std::string to_string(const parameter_block& x) {
  return "parameter_block(" + std::to_string(x.size()) + ")";
}

} // namespace adsp
