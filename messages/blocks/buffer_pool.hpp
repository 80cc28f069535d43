// Parameter buffers that are reused once their last reader has released them, so that steady
// training neither allocates nor faults in pages.
#pragma once

#include "messages/blocks/parameter_block.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace adsp {

/// Buffers of one size. Not thread-safe; the readers of a buffer may be on any thread.
class buffer_pool {
public:
  static constexpr std::size_t usual_capacity = 16;

  /// Keeps track of at most `capacity` buffers; the last reader of any other one frees it.
  explicit buffer_pool(std::size_t buffer_size, std::size_t capacity = usual_capacity)
      : buffer_size_{buffer_size}, capacity_{capacity} {}

  /// A buffer that nobody else holds, contents undefined.
  std::shared_ptr<parameter_buffer> take();

  /// Returns a buffer that others may still read; it is reused when they have finished.
  void retire(std::shared_ptr<parameter_buffer> buffer);

private:
  std::size_t buffer_size_;
  std::size_t capacity_;
  std::size_t oldest_ = 0; ///< the next to be overwritten when full
  std::vector<std::shared_ptr<parameter_buffer>> retired_;
};

/// Whether the caller holds the only reference; if so, everything other threads did with the buffer
/// happened before.
bool sole_owner(const std::shared_ptr<parameter_buffer>& buffer);

} // namespace adsp
