// An immutable, shared run of parameters: what shards send and workers commit. Copying a block
// copies a pointer; within a process the floats themselves are never copied for sending.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace adsp {

/// Floats of one block on 64-byte boundaries. Contents are uninitialised until written.
class parameter_buffer {
public:
  explicit parameter_buffer(std::size_t size);
  parameter_buffer(const parameter_buffer&) = delete;
  parameter_buffer& operator=(const parameter_buffer&) = delete;
  ~parameter_buffer();

  std::size_t size() const { return size_; }
  std::span<float> values() { return {data_, size_}; }
  std::span<const float> values() const { return {data_, size_}; }

private:
  float* data_;
  std::size_t size_;
};

/// Shares a buffer that nobody writes to any more.
class parameter_block {
public:
  /// The most floats that a block read from bytes may announce (64 MiB).
  static constexpr std::size_t max_size = std::size_t{1} << 24;

  parameter_block() = default;
  explicit parameter_block(std::shared_ptr<const parameter_buffer> buffer)
      : buffer_{std::move(buffer)} {}

  std::size_t size() const { return buffer_ ? buffer_->size() : 0; }
  bool empty() const { return size() == 0; }

  std::span<const float> values() const {
    return buffer_ ? buffer_->values() : std::span<const float>{};
  }

  /// Equal lengths and equal bits.
  friend bool operator==(const parameter_block& block, const parameter_block& y);

private:
  std::shared_ptr<const parameter_buffer> buffer_;
};

/// Makes a block that holds a copy of `values`.
parameter_block copy_of(std::span<const float> values);

} // namespace adsp
