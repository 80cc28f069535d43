#include "messages/blocks/parameter_block.hpp"

#include "messages/blocks/block_memory.hpp"

#include <algorithm>
#include <cstring>

namespace adsp {

parameter_buffer::parameter_buffer(std::size_t size)
    : data_{static_cast<float*>(take_block_memory(size * sizeof(float)))}, size_{size} {}

parameter_buffer::~parameter_buffer() {
  free_block_memory(data_, size_ * sizeof(float));
}

bool operator==(const parameter_block& block, const parameter_block& y) {
  return block.size() == y.size() &&
         (block.empty() ||
          std::memcmp(block.values().data(), y.values().data(), block.values().size_bytes()) == 0);
}

parameter_block copy_of(std::span<const float> values) {
  auto buffer = std::make_shared<parameter_buffer>(values.size());
  std::ranges::copy(values, buffer->values().begin());
  return parameter_block{std::move(buffer)};
}

} // namespace adsp
