#include "messages/block_bytes.hpp"

#include "messages/errors.hpp"
#include "messages/freight.hpp"

#include <caf/execution_unit.hpp>

#include <algorithm>
#include <bit>

namespace adsp {

static_assert(std::endian::native == std::endian::little,
              "blocks are sent as they are in memory: little-endian");

namespace {

/// Reads the contents of a block, `bytes` long, from the message or from its freight. A dry run
/// leaves `to` empty.
caf::error read_contents(caf::binary_deserializer& f, std::size_t bytes,
                         std::shared_ptr<parameter_buffer>& to) {
  auto* const skims = dynamic_cast<dry_reader*>(f.context());
  const auto missing = [&] {
    return make_error(ec::bad_bytes,
                      "a block announces " + std::to_string(bytes) + " bytes that do not follow");
  };
  if (skims != nullptr && skims->takes_freight(bytes))
    return caf::none;
  if (comes_as_freight(bytes)) {
    to = unload(floats_for(bytes));
    return to ? caf::error{} : missing();
  }
  if (bytes > f.remaining())
    return missing();
  if (skims != nullptr) {
    f.skip(bytes);
    return caf::none;
  }
  to = std::make_shared<parameter_buffer>(floats_for(bytes));
  return f.apply_raw(bytes, to->values().data());
}

caf::error write_contents(caf::serializer& f, const encoded_block& block) {
  if (load_freight(block))
    return caf::none;
  // apply_raw takes a mutable pointer for both directions; a serializer only reads.
  return f.apply_raw(block.byte_count(), const_cast<std::byte*>(block.bytes().data()));
}

caf::binary_deserializer* in_memory(caf::deserializer& f) {
  return dynamic_cast<caf::binary_deserializer*>(&f);
}

caf::error not_in_memory() {
  return make_error(ec::bad_bytes, "blocks are read from memory only");
}

} // namespace

caf::error inspect(caf::serializer& f, parameter_block& block) {
  auto size = static_cast<std::uint32_t>(block.size());
  if (auto error = f(size))
    return error;
  return write_contents(f, block);
}

caf::error inspect(caf::deserializer& f, parameter_block& block) {
  std::uint32_t size = 0;
  if (auto error = f(size))
    return error;
  auto* const source = in_memory(f);
  if (source == nullptr)
    return not_in_memory();
  if (size > parameter_block::max_size)
    return make_error(ec::bad_bytes,
                      "a parameter block announces " + std::to_string(size) + " floats");
  std::shared_ptr<parameter_buffer> buffer;
  if (size > 0)
    if (auto error = read_contents(*source, size * sizeof(float), buffer))
      return error;
  block = parameter_block{std::move(buffer)};
  return caf::none;
}

caf::error inspect(caf::serializer& f, encoded_block& block) {
  auto format = static_cast<std::uint8_t>(block.format());
  auto size = static_cast<std::uint32_t>(block.size());
  auto bytes = static_cast<std::uint32_t>(block.byte_count());
  if (auto error = f(format, size, bytes))
    return error;
  return write_contents(f, block);
}

bool acceptable(wire_format format, std::size_t size, std::size_t bytes) {
  return size <= parameter_block::max_size && consistent(format, size, bytes);
}

caf::error inspect(caf::deserializer& f, encoded_block& block) {
  std::uint8_t number = 0;
  std::uint32_t size = 0;
  std::uint32_t bytes = 0;
  if (auto error = f(number, size, bytes))
    return error;
  auto* const source = in_memory(f);
  if (source == nullptr)
    return not_in_memory();
  const auto format = static_cast<wire_format>(number);
  if (!acceptable(format, size, bytes))
    return make_error(ec::bad_bytes, "a block of format " + std::to_string(number) + " announces " +
                                         std::to_string(size) + " floats in " +
                                         std::to_string(bytes) + " bytes");
  block = {};
  if (size == 0)
    return caf::none;
  std::shared_ptr<parameter_buffer> buffer;
  if (auto error = read_contents(*source, bytes, buffer))
    return error;
  if (buffer)
    block = encoded_block{format, size, bytes, parameter_block{std::move(buffer)}};
  return caf::none;
}

std::string to_string(const encoded_block& x) {
  return "encoded_block(" + std::to_string(x.size()) + ")";
}

std::string to_string(const parameter_block& x) {
  return "parameter_block(" + std::to_string(x.size()) + ")";
}

} // namespace adsp
