#include "messages/blocks/encoded_block.hpp"

#include <algorithm>
#include <cmath>

namespace adsp {

std::size_t kept_count(double share, std::size_t size) {
  const auto count = std::ceil(share * static_cast<double>(size));
  return std::min(size, static_cast<std::size_t>(std::max(1.0, count)));
}

std::size_t encoded_bytes(const encoding& form, std::size_t size) {
  switch (form.format) {
  case wire_format::fp32:
    break;
  case wire_format::fp16:
    return size * sizeof(std::uint16_t);
  case wire_format::int8:
    return (size + chunk_size - 1) / chunk_size * sizeof(float) + size;
  case wire_format::topk:
    return kept_count(form.share, size) * (sizeof(float) + place_bytes(size));
  }
  return size * sizeof(float);
}

bool consistent(wire_format format, std::size_t size, std::size_t bytes) {
  if (format > wire_format::topk)
    return false;
  if (format != wire_format::topk)
    return bytes == encoded_bytes({format}, size);
  const auto each = sizeof(float) + place_bytes(size);
  return bytes % each == 0 && bytes / each <= size && (bytes > 0 || size == 0);
}

const parameter_block& encoded_block::plain() const {
  static const parameter_block none;
  return format_ == wire_format::fp32 ? storage_ : none;
}

bool operator==(const encoded_block& x, const encoded_block& y) {
  return x.format_ == y.format_ && x.size_ == y.size_ && std::ranges::equal(x.bytes(), y.bytes());
}

} // namespace adsp
