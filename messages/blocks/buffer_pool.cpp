#include "messages/blocks/buffer_pool.hpp"

#include <utility>

namespace adsp {

bool sole_owner(const std::shared_ptr<parameter_buffer>& buffer) {
  if (buffer.use_count() != 1)
    return false;
  // use_count() is a relaxed load. Dropping another reference acquires what the last reader
  // released when it dropped its own; a fence would do so, too, but ThreadSanitizer does not
  // support fences.
  std::shared_ptr{buffer}.reset();
  return true;
}

std::shared_ptr<parameter_buffer> buffer_pool::take() {
  for (auto& candidate : retired_)
    if (sole_owner(candidate)) {
      std::swap(candidate, retired_.back());
      auto buffer = std::move(retired_.back());
      retired_.pop_back();
      return buffer;
    }
  return std::make_shared<parameter_buffer>(buffer_size_);
}

void buffer_pool::retire(std::shared_ptr<parameter_buffer> buffer) {
  if (retired_.size() < capacity_) {
    retired_.push_back(std::move(buffer));
    return;
  }
  oldest_ = (oldest_ + 1) % capacity_;
  retired_[oldest_] = std::move(buffer);
}

} // namespace adsp
