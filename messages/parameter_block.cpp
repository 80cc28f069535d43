#include "messages/parameter_block.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace adsp {

namespace {

constexpr std::align_val_t alignment{64};

} // namespace

parameter_buffer::parameter_buffer(std::size_t size)
    : data_{static_cast<float*>(::operator new(size * sizeof(float), alignment))}, size_{size} {}

parameter_buffer::~parameter_buffer() {
  ::operator delete(data_, alignment);
}

bool operator==(const parameter_block& x, const parameter_block& y) {
  return x.size() == y.size() && (x.empty() || std::memcmp(x.values().data(), y.values().data(),
                                                           x.values().size_bytes()) == 0);
}

parameter_block copy_of(std::span<const float> values) {
  auto buffer = std::make_shared<parameter_buffer>(values.size());
  std::ranges::copy(values, buffer->values().begin());
  return parameter_block{std::move(buffer)};
}

} // namespace adsp
